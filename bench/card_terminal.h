// The terminal's card lane as yktd has it, on readers of PC/SC, in a temporary folder.
#pragma once

#include "bench/card_readers.h"
#include "crypto/random.h"
#include "drivers/pcsc/pcsc.h"
#include "drivers/simulated/actuation_log.h"
#include "drivers/system/clock.h"
#include "firmware/terminal/card_lane.h"
#include "sim/bulletins.h"
#include "tests/temporary_folder.h"

#include <condition_variable>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

namespace ykt::bench {

class CardTerminal {
  public:
    CardTerminal(drivers::Pcsc& pcsc, firmware::config::CardSettings cards,
                 firmware::config::RideSettings ride, const hal::Clock& clock)
        : clock_(clock), cards_(std::move(cards)), ride_(ride),
          reader_(std::make_shared<PresentingReader>(pcsc.reader("Virtual PCD 00 00"), Party::card, ledger_,
                                                     clock)),
          samSlot_(std::make_shared<PresentingReader>(pcsc.reader("Virtual PCD 00 01"), Party::sam, ledger_,
                                                      clock),
                   {}) {
        install("catalogue", catalogue());
        install("revocation", nlohmann::json{{"entries", nlohmann::json::array()}}.dump());
        must(terminal_.reloadBulletins());
    }

    // What came of the card that lies in the reader.
    firmware::terminal::Outcome present() {
        const auto before = terminal_.outcomes().newest();
        reader_->present();
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, std::chrono::seconds(10),
                               [&] { return terminal_.outcomes().newest() > before; }))
            throw std::runtime_error("no outcome within ten seconds");
        auto outcome = terminal_.outcomes().after(before).front();
        if (outcome.signal != hal::Signal::accepted)
            throw std::runtime_error(std::string(nameOf(outcome.reason.value())) + " " + outcome.context);
        return outcome;
    }
    [[nodiscard]] const Ledger& ledger() const { return ledger_; } // of the last presentation

  private:
    // Whoever rides every few milliseconds is nobody that the real catalogue lets in.
    static std::string catalogue() {
        std::ifstream in(std::string(YKT_SOURCE_DIR) + "/firmware/profiles/catalogue.json");
        auto body = nlohmann::json::parse(in);
        for (auto& service : body["services"])
            service["repeat_interval_s"] = 0;
        return body.dump();
    }
    void install(const std::string& kind, const std::string& body) {
        const auto now = clock_.now().wall;
        const auto bulletin = publisher_.publish(kind, ++version_, now - std::chrono::hours(1),
                                                 now + std::chrono::hours(24), body);
        must(store_->install(bulletin.value(), publisher_.publicKey()));
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
    firmware::config::CardSettings cards_;
    firmware::config::RideSettings ride_;
    sim::BulletinPublisher publisher_ = sim::BulletinPublisher::create().value();
    std::uint64_t version_ = 0;
    Ledger ledger_;
    std::shared_ptr<PresentingReader> reader_;
    firmware::terminal::SamSlot samSlot_;
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
    firmware::terminal::TornDebits torn_{*store_, clock_, cards_.recoveryWindow, [] {}};
    firmware::terminal::CardLane lane_{"card",
                                       reader_,
                                       std::make_shared<firmware::terminal::Field>(),
                                       {terminal_, torn_, pseudonymKey_, cards_, ride_, &samSlot_}};
    std::jthread thread_{[this](const std::stop_token& stop) { lane_.run(stop); }}; // last
};

} // namespace ykt::bench
