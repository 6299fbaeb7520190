#include "firmware/panel/views.h"
#include "firmware/terminal/code_lane.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"
#include "tests/firmware/card_lane_fixture.h"

#include <deque>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using hal::Signal;

namespace {

// A camera whose frames a test hands in.
class HandedCamera : public hal::Camera {
  public:
    explicit HandedCamera(const hal::Clock& clock) : clock_(clock) {}
    [[nodiscard]] std::string name() const override { return "handed"; }
    void show(sim::Image image) {
        const std::lock_guard lock(mutex_);
        frames_.push_back(std::move(image));
        came_.notify_all();
    }
    Result<std::optional<hal::Frame>> nextFrame(std::stop_token stop, Milliseconds timeout) override {
        std::unique_lock lock(mutex_);
        if (!came_.wait_for(lock, stop, timeout, [this] { return !frames_.empty(); })) {
            if (stop.stop_requested())
                return fail(Reason::cancelled);
            return std::optional<hal::Frame>{};
        }
        current_ = std::move(frames_.front());
        frames_.pop_front();
        auto frame = current_.frame();
        frame.taken = clock_.now().monotonic;
        return std::optional(frame);
    }

  private:
    const hal::Clock& clock_;
    std::mutex mutex_;
    std::condition_variable_any came_;
    std::deque<sim::Image> frames_;
    sim::Image current_;
};

struct CodeLaneFixture : TerminalFixture {
    std::shared_ptr<HandedCamera> camera = std::make_shared<HandedCamera>(clock);
    terminal::CodeLane lane{"code", camera, pseudonymKey, *terminal};
    std::jthread thread{[this](const std::stop_token& stop) { lane.run(stop); }};

    void show(const Bytes& payload, std::uint64_t seed = 1) {
        camera->show(sim::photograph(sim::renderSymbol(payload, 1).value(), sim::handHeld(seed)));
    }
};

} // namespace

TEST_CASE("cards go the whole way through the lane, each ends as it must") {
    CardLaneFixture world;
    auto genuine = holder(1);
    auto old = holder(2);
    old.version = apdu::social_security::Version::v2_0;
    old.algorithm = apdu::social_security::Algorithm::triple_des;
    auto forged = holder(3);
    forged.forged = true;
    auto unpublished = holder(4);
    unpublished.algorithm = apdu::social_security::Algorithm::ssf33;
    const std::vector<std::pair<sim::CardSpec, std::optional<Reason>>> cases{
        {genuine, std::nullopt},
        {old, std::nullopt},
        {forged, Reason::card_not_genuine},
        {unpublished, Reason::algorithm_unpublished}};
    std::uint64_t seen = 0;
    for (const auto& [spec, reason] : cases) {
        put(*world.reader, world.cards.personalise(spec).value());
        const auto outcome = world.outcomeAfter(seen);
        seen = outcome.number;
        CHECK(outcome.reason == reason);
        CHECK(outcome.signal == (reason ? Signal::refused : Signal::accepted));
        world.reader->remove();
    }
}

TEST_CASE("a card pulled at any command ends in card gone and a terminal that is ready for it again") {
    CardLaneFixture world;
    const auto card = world.cards.personalise(holder(1)).value();
    std::uint64_t seen = 0;
    int pulls = 0;
    for (const bool afterItActed : {false, true}) {
        for (std::size_t at = 0;; ++at) {
            INFO("pulled at command " << at << (afterItActed ? ", after it acted" : ""));
            world.clock.advance(std::chrono::minutes(1));
            putAndPull(*world.reader, card, at, afterItActed);
            const auto outcome = world.outcomeAfter(seen);
            seen = outcome.number;
            if (outcome.signal == Signal::accepted)
                break; // the whole read takes fewer commands
            ++pulls;
            CHECK(outcome.signal == Signal::again);
            CHECK(outcome.reason == Reason::card_gone);
            CHECK_FALSE(outcome.receipt);
            put(*world.reader, card);
            const auto next = world.outcomeAfter(seen);
            seen = next.number;
            CHECK(next.signal == Signal::accepted);
        }
    }
    CHECK(pulls >= 20);
    CHECK(world.recorded() == static_cast<std::uint64_t>(pulls) + 2);
}

TEST_CASE("a SAM that is pulled is the terminal's fault, not the card's, and works again when it is back") {
    CardLaneFixture world;
    world.samReader->remove();
    const auto card = world.cards.personalise(holder(1)).value();
    put(*world.reader, card);
    const auto without = world.outcomeAfter(0);
    CHECK(without.reason == Reason::sam_missing);
    CHECK(without.signal == Signal::fault);
    put(*world.samReader, world.cards.makeSam().value());
    put(*world.reader, card);
    CHECK(world.outcomeAfter(without.number).signal == Signal::accepted);

    world.samReader->remove(); // now while it is in use
    world.clock.advance(std::chrono::minutes(1));
    put(*world.reader, card);
    const auto pulled = world.outcomeAfter(without.number + 1);
    CHECK(pulled.reason == Reason::sam_missing);
    put(*world.samReader, world.cards.makeSam().value());
    put(*world.reader, card);
    CHECK(world.outcomeAfter(pulled.number).signal == Signal::accepted);
}

TEST_CASE("a code held up for many frames is one presentation, shown again it is another") {
    CodeLaneFixture world;
    const auto code = world.codes.transitCode({}, world.clock.now().wall).value();
    for (std::uint64_t frame = 1; frame <= 5; ++frame)
        world.show(code, frame);
    const auto first = world.outcomeAfter(0);
    CHECK(first.signal == Signal::accepted);
    CHECK(first.presentation.medium == identity::Medium::transit_code);

    const auto other = world.codes.fusionCode({}, world.clock.now().wall).value();
    world.show(other);
    const auto second = world.outcomeAfter(first.number);
    CHECK(second.signal == Signal::accepted);
    CHECK(second.presentation.medium == identity::Medium::fusion_code);

    world.clock.advance(terminal::CodeLane::samePresentation);
    world.show(code, 6);
    const auto again = world.outcomeAfter(second.number);
    CHECK(again.reason == Reason::already_used);
    CHECK(world.gateOpenings() == 2);
}

TEST_CASE("bad codes get their own reason and open nothing") {
    CodeLaneFixture world;
    const auto now = world.clock.now().wall;
    const auto good = world.codes.transitCode({}, now).value();
    sim::TransitCodeSpec cheap;
    cheap.tripLimitFen = 199;
    const std::vector<std::pair<Bytes, Reason>> cases{
        {world.codes.transitCode({}, now - std::chrono::hours(1)).value(), Reason::code_expired},
        {world.codes.transitCode({}, now + std::chrono::minutes(2)).value(), Reason::code_from_the_future},
        {sim::tampered(good, good.size() - 1), Reason::bad_user_signature},
        {world.codes.transitCode(cheap, now).value(), Reason::over_limit},
        {sim::CodeIssuer::create()->transitCode({}, now).value(), Reason::bad_certificate},
        {Bytes(good.begin(), good.end() - 1), Reason::malformed},
        {toBytes("https://example.org/"), Reason::format_unknown}};
    std::uint64_t seen = 0;
    for (const auto& [payload, reason] : cases) {
        world.show(payload);
        const auto outcome = world.outcomeAfter(seen);
        seen = outcome.number;
        CHECK(outcome.reason == reason);
        CHECK(outcome.signal == Signal::refused);
    }
    CHECK(world.gateOpenings() == 0);
    CHECK(world.recorded() == cases.size() - 1); // a stranger's link is not worth flash
}

TEST_CASE("no name, number or key appears in a log line or in what the panel shows") {
    std::ostringstream log;
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    const auto spec = holder(77);
    std::string shown;
    {
        CardLaneFixture world;
        put(*world.reader, world.cards.personalise(spec).value());
        const auto accepted = world.outcomeAfter(0);
        CHECK(accepted.signal == Signal::accepted);
        world.reader->remove();
        auto forged = spec;
        forged.forged = true;
        put(*world.reader, world.cards.personalise(forged).value());
        world.outcomeAfter(accepted.number);
        shown = panel::outcomesJson(world.terminal->outcomes().after(0)) +
                panel::recordJson(world.store->read(1).value()) +
                panel::recordJson(world.store->read(2).value());
    }
    spdlog::set_default_logger(before);
    CHECK(log.str().find("accepted") != std::string::npos); // something was logged
    CHECK(shown.find("medium_id") != std::string::npos);    // and shown
    for (const auto& text : {log.str(), shown})
        for (const auto& personal : {spec.name, spec.socialSecurityNumber, spec.cardNumber8})
            CHECK(text.find(personal) == std::string::npos);
}
