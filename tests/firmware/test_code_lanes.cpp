// A camera and a scan engine in front of holders: from frames and payloads to outcomes.
#include "firmware/terminal/code_lane.h"
#include "firmware/terminal/scanner_lane.h"
#include "sim/scene/presets.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"
#include "tests/firmware/terminal_fixture.h"

#include <deque>
#include <thread>

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
    terminal::CodeLane lane{"code", camera, {*terminal, pseudonymKey}};
    std::jthread thread{[this](const std::stop_token& stop) { lane.run(stop); }};

    void show(const Bytes& payload, std::uint64_t seed = 1) { show(payload, sim::handHeld(seed)); }
    void show(const Bytes& payload, const sim::SceneSettings& scene) {
        camera->show(sim::photograph(sim::renderSymbol(payload, 1).value(), scene));
    }
};

// A light that tells when it changes.
class WatchedLight : public hal::Light {
  public:
    Result<void> show(Signal signal) override {
        const std::lock_guard lock(mutex_);
        shown_ = signal;
        changed_.notify_all();
        return {};
    }
    // Within ten seconds.
    bool comesTo(Signal signal) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return shown_ == signal; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Signal> shown_;
};

// A scan engine whose payloads and troubles a test hands in.
class HandedScanner : public hal::CodeScanner {
  public:
    [[nodiscard]] std::string name() const override { return "handed"; }
    void hand(Result<std::optional<Bytes>> next) {
        const std::lock_guard lock(mutex_);
        next_.push_back(std::move(next));
        came_.notify_all();
    }
    Result<std::optional<Bytes>> nextPayload(std::stop_token stop, Milliseconds timeout) override {
        std::unique_lock lock(mutex_);
        if (!came_.wait_for(lock, stop, timeout, [this] { return !next_.empty(); })) {
            if (stop.stop_requested())
                return fail(Reason::cancelled);
            return std::optional<Bytes>{};
        }
        auto next = std::move(next_.front());
        next_.pop_front();
        return next;
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any came_;
    std::deque<Result<std::optional<Bytes>>> next_;
};

} // namespace

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

    world.clock.advance(terminal::CodeIntake::samePresentation);
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

TEST_CASE("a hard frame and a screen in dark mode are read like any other") {
    CodeLaneFixture world;
    world.show(world.codes.transitCode({}, world.clock.now().wall).value(),
               sim::sceneOf(sim::Preset::hard, 3));
    CHECK(world.outcomeAfter(0).signal == Signal::accepted);
    sim::TransitCodeSpec another;
    another.cardAccount = "00000000000000000002";
    auto dark = sim::handHeld(4);
    dark.inverted = true;
    world.show(world.codes.transitCode(another, world.clock.now().wall).value(), dark);
    CHECK(world.outcomeAfter(1).signal == Signal::accepted);
}

TEST_CASE("frames without a code let the light rest") {
    TerminalFixture world;
    WatchedLight light;
    world.light = &light;
    world.startTerminal();
    const auto camera = std::make_shared<HandedCamera>(world.clock);
    terminal::CodeLane lane("code", camera, {*world.terminal, world.pseudonymKey});
    const std::jthread thread([&](const std::stop_token& stop) { lane.run(stop); });
    const auto code = world.codes.transitCode({}, world.clock.now().wall).value();
    camera->show(sim::photograph(sim::renderSymbol(code, 1).value(), sim::handHeld(1)));
    world.outcomeAfter(0);
    CHECK(light.comesTo(Signal::accepted));
    world.clock.advance(terminal::Terminal::signalDwell);
    camera->show(sim::photograph({}, sim::emptyScene(sim::Background::flat, 1)));
    CHECK(light.comesTo(Signal::idle));
}

TEST_CASE("a scan engine's payloads go the same way, and one that was unplugged is the lane's trouble until "
          "it is back") {
    TerminalFixture world;
    const auto scanner = std::make_shared<HandedScanner>();
    terminal::ScannerLane lane("code-2", scanner, {*world.terminal, world.pseudonymKey});
    const std::jthread thread([&](const std::stop_token& stop) { lane.run(stop); });
    scanner->hand(fail(Reason::camera_gone, "unplugged"));
    scanner->hand(world.codes.transitCode({}, world.clock.now().wall).value());
    const auto outcome = world.outcomeAfter(0);
    CHECK(outcome.signal == Signal::accepted);
    CHECK(outcome.presentation.lane == "code-2");
    CHECK(world.terminal->lanes().at("code-2") == terminal::LaneState{});
}
