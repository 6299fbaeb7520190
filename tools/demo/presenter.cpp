#include "tools/demo/presenter.h"

#include "firmware/panel/http_client.h"

#include <future>
#include <thread>

namespace ykt::demo {
namespace {

using nlohmann::json;

constexpr Milliseconds outcomeLimit{10'000};
constexpr Milliseconds askLimit{5'000};
constexpr Milliseconds readLimit{2'000}; // a holder whose code is not read in so long moves the phone
constexpr int mostMoves = 4;
constexpr Milliseconds startLimit{30'000};
constexpr Milliseconds pollInterval{50}; // another process's state, which nothing tells us of

// A card that acts on one command and whose answer nobody hears: the terminal is dead by then.
class LastCommand : public sim::CardSoftware {
  public:
    LastCommand(std::shared_ptr<sim::CardSoftware> card, std::size_t at, PowerSwitch& power)
        : card_(std::move(card)), at_(at), power_(power) {}

    [[nodiscard]] std::future<void> reached() { return reached_.get_future(); }
    [[nodiscard]] Bytes atr() const override { return card_->atr(); }
    void reset() override { card_->reset(); }
    std::optional<Bytes> answer(ByteView command) override {
        auto answer = card_->answer(command);
        if (commands_++ != at_)
            return answer;
        power_.cut();
        reached_.set_value();
        return std::nullopt;
    }

  private:
    std::shared_ptr<sim::CardSoftware> card_;
    std::size_t at_;
    PowerSwitch& power_;
    std::size_t commands_ = 0;
    std::promise<void> reached_;
};

} // namespace

Result<json> Presenter::askPanel(const std::string& target, Milliseconds limit) {
    const auto answer = firmware::panel::ask(panel_, "GET", target, {}, limit);
    if (!answer)
        return failWith(answer);
    auto body = json::parse(answer->body, nullptr, false);
    if (answer->status != 200 || !body.is_object())
        return fail(Reason::reply_malformed, target);
    return body;
}

Result<void> Presenter::waitFor(const std::function<bool(const json&)>& condition, Milliseconds limit,
                                std::string_view what) {
    for (Milliseconds waited{0}; waited < limit; waited += pollInterval) {
        const auto status = askPanel("/v1/status", askLimit);
        if (status && condition(*status))
            return {};
        std::this_thread::sleep_for(pollInterval);
    }
    return fail(Reason::upstream_timeout, std::string(what));
}

Result<void> Presenter::waitUntilReady(Milliseconds limit) {
    return waitFor([](const json& status) { return status.value("ready", false); }, limit,
                   "terminal is not ready");
}

Result<void> Presenter::waitUntilDelivered(Milliseconds limit) {
    return waitFor(
        [](const json& status) {
            const auto journal = status.value("journal", json::object());
            return journal.value("pending", 1) == 0 && journal.value("leased", 1) == 0;
        },
        limit, "records still wait for the back office");
}

Result<void> Presenter::waitForLink(std::string_view link, Milliseconds limit) {
    return waitFor([link](const json& status) { return status.value("link", "") == link; }, limit,
                   "link is not " + std::string(link));
}

Result<std::uint64_t> Presenter::newestOutcome() {
    const auto status = askPanel("/v1/status", askLimit);
    if (!status)
        return failWith(status);
    return status->value("outcomes", std::uint64_t{0});
}

Result<json> Presenter::nextOutcome(Milliseconds limit) {
    const auto target =
        "/v1/outcomes?after=" + std::to_string(seen_) + "&wait_ms=" + std::to_string(limit.count());
    const auto answer = askPanel(target, limit + askLimit);
    if (!answer)
        return failWith(answer);
    const auto outcomes = answer->value("outcomes", json::array());
    if (outcomes.empty())
        return fail(Reason::upstream_timeout, "the terminal said nothing");
    return outcomes.front();
}

Result<json> Presenter::tap(const std::string& name, std::optional<Pull> pull) {
    auto card = world_.card(name);
    if (!card)
        return failWith(card);
    const auto before = newestOutcome();
    if (!before)
        return failWith(before);
    seen_ = *before;
    slot_.insert(std::move(*card), pull);
    auto outcome = nextOutcome(outcomeLimit);
    slot_.remove();
    if (const auto ready = waitUntilReady(outcomeLimit); !ready)
        return failWith(ready);
    return outcome;
}

Result<void> Presenter::tapUntilPowerCut(const std::string& name, std::size_t at, PowerSwitch& power) {
    auto card = world_.card(name);
    if (!card)
        return failWith(card);
    const auto last = std::make_shared<LastCommand>(std::move(*card), at, power);
    auto reached = last->reached();
    slot_.insert(last, std::nullopt);
    const bool cut = reached.wait_for(outcomeLimit) == std::future_status::ready;
    slot_.remove();
    if (!cut)
        return fail(Reason::upstream_timeout, "the card was not asked so much");
    world_.takePhonesAway();
    if (const auto started = power.restore(); !started)
        return started;
    return waitUntilReady(startLimit);
}

Result<json> Presenter::show(const std::string& name) {
    const auto before = newestOutcome();
    if (!before)
        return failWith(before);
    seen_ = *before;
    if (const auto shown = world_.showCode(name); !shown)
        return failWith(shown);
    for (int moved = 0; moved < mostMoves; ++moved) {
        auto outcome = nextOutcome(readLimit);
        if (outcome || outcome.error() != Reason::upstream_timeout)
            return outcome;
        if (const auto shown = world_.photographShown(); !shown)
            return failWith(shown);
    }
    return nextOutcome(outcomeLimit);
}

} // namespace ykt::demo
