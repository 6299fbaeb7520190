// A terminal as yktd has it, on a real store in a temporary folder, with the lists of a small world.
#pragma once

#include "crypto/random.h"
#include "drivers/simulated/actuation_log.h"
#include "firmware/terminal/terminal.h"
#include "sim/bulletins.h"
#include "tests/source_dir.h"
#include "tests/temporary_folder.h"

#include <condition_variable>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ykt::bench {

class TerminalWorld {
  public:
    explicit TerminalWorld(const hal::Clock& clock) : clock_(clock) {
        install("catalogue", catalogue());
        install("revocation", nlohmann::json{{"entries", nlohmann::json::array()}}.dump());
    }

    [[nodiscard]] firmware::terminal::Terminal& terminal() { return terminal_; }
    [[nodiscard]] offline_store::Store& store() { return *store_; }
    [[nodiscard]] const Secret& pseudonymKey() const { return pseudonymKey_; }

    void install(const std::string& kind, const std::string& body) {
        const auto now = clock_.now().wall;
        const auto bulletin = publisher_.publish(kind, ++version_, now - std::chrono::hours(1),
                                                 now + std::chrono::hours(24), body);
        must(store_->install(bulletin.value(), publisher_.publicKey()));
        must(terminal_.reloadBulletins());
    }

    // What came of the presentation that `present` makes.
    firmware::terminal::Outcome outcomeOf(const std::function<void()>& present) {
        const auto before = terminal_.outcomes().newest();
        present();
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, std::chrono::seconds(10),
                               [&] { return terminal_.outcomes().newest() > before; }))
            throw std::runtime_error("no outcome within ten seconds");
        auto outcome = terminal_.outcomes().after(before).front();
        if (outcome.signal != hal::Signal::accepted)
            throw std::runtime_error(std::string(nameOf(outcome.reason.value())) + " " + outcome.context);
        return outcome;
    }

  private:
    // Whoever rides every few milliseconds is nobody that the real catalogue lets in.
    static std::string catalogue() {
        std::ifstream in(test::sourceDir() / "firmware/profiles/catalogue.json");
        auto body = nlohmann::json::parse(in);
        for (auto& service : body["services"])
            service["repeat_interval_s"] = 0;
        return body.dump();
    }
    static void must(const Result<void>& result) {
        if (!result)
            throw std::runtime_error(explain(result.error()));
    }
    std::unique_ptr<offline_store::Store> openStore() {
        offline_store::StoreOptions options;
        options.file = folder_.path() / "ykt.db";
        options.terminal = "NX-BENCH-0001";
        options.limits.undeliveredMoney = 10'000'000;
        return offline_store::Store::open(options, crypto::randomSecret(32).value(), clock_).value();
    }

    const hal::Clock& clock_;
    const test::TemporaryFolder folder_;
    const Secret pseudonymKey_ = crypto::randomSecret(32).value();
    sim::BulletinPublisher publisher_ = sim::BulletinPublisher::create().value();
    std::uint64_t version_ = 0;
    std::unique_ptr<offline_store::Store> store_ = openStore();
    drivers::ActuationLog actuations_{clock_};
    std::mutex mutex_;
    std::condition_variable changed_;
    firmware::terminal::Terminal terminal_{
        {"bus.ride", "transport", 200, false},
        *store_,
        {actuations_.gate(), actuations_.light(), actuations_.sound()},
        clock_,
        {.lists =
             [](WallTime) {
                 return firmware::policy::Lists{true, std::chrono::seconds(5)};
             },
         .recorded = [] {},
         .changed =
             [this] {
                 const std::lock_guard lock(mutex_);
                 changed_.notify_all();
             }}};
};

} // namespace ykt::bench
