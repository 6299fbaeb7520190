// When a silent reader is asked again. Sessions that were given up on are pcscd's until the reader answers.
#include "drivers/pcsc/context_pool.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::drivers::pcsc;
using namespace std::chrono_literals;

namespace {

// As hal::ManualClock; the watchdog's thread asks it too.
class SharedClock : public hal::Clock {
  public:
    [[nodiscard]] Instant now() const override {
        const std::lock_guard lock(mutex_);
        return clock_.now();
    }
    void advance(Milliseconds by) {
        const std::lock_guard lock(mutex_);
        clock_.advance(by);
    }

  private:
    mutable std::mutex mutex_;
    hal::ManualClock clock_{WallTime{}};
};

struct Silence {
    static constexpr Milliseconds exchange = 5s;

    // The reader is asked whenever it may be and stays silent. Returns how often it was asked.
    int askFor(Milliseconds duration, Milliseconds step) {
        int asked = 0;
        for (Milliseconds passed{0}; passed < duration; passed += step) {
            if (!pool.resting(losses)) {
                ++asked;
                pool.gaveUp(losses);
            }
            clock.advance(step);
        }
        return asked;
    }

    SharedClock clock;
    ContextPool pool{std::make_shared<Watchdog>(clock), Limits{.exchange = exchange}};
    std::uint64_t losses = 0;
};

} // namespace

TEST_CASE("a reader that was silent once or twice is asked again at once") {
    Silence silence;
    CHECK_FALSE(silence.pool.resting(0));
    silence.pool.gaveUp(0);
    CHECK_FALSE(silence.pool.resting(0));
    silence.pool.gaveUp(0);
    CHECK_FALSE(silence.pool.resting(0));
}

TEST_CASE("a reader that stays silent is left alone for twice as long each time") {
    Silence silence;
    silence.pool.gaveUp(0);
    silence.pool.gaveUp(0);
    for (Milliseconds rest = 2 * Silence::exchange; rest <= 16 * Silence::exchange; rest *= 2) {
        CAPTURE(rest.count());
        silence.pool.gaveUp(0);
        CHECK(silence.pool.resting(0));
        silence.clock.advance(rest - 1ms);
        CHECK(silence.pool.resting(0));
        silence.clock.advance(1ms);
        CHECK_FALSE(silence.pool.resting(0));
    }
}

TEST_CASE("a reader that is silent for ever takes no more than 60 of pcscd's 200 sessions") {
    Silence silence;
    const int ofTheFirstDay = silence.askFor(24h, 500ms); // as often as a lane that is idle
    CHECK(ofTheFirstDay > 20);                            // it is not forgotten
    CHECK(ofTheFirstDay < 50);
    CHECK(ofTheFirstDay + silence.askFor(24h * 365, 1h) == 60);
}

TEST_CASE("a reader that answers is no longer a silent one") {
    Silence silence;
    for (int i = 0; i < 4; ++i)
        silence.pool.gaveUp(0);
    REQUIRE(silence.pool.resting(0));
    silence.pool.answered();
    CHECK_FALSE(silence.pool.resting(0));
    silence.pool.gaveUp(0);
    CHECK_FALSE(silence.pool.resting(0)); // it is the first time again
}

TEST_CASE("a reader that something happened to is asked at once") {
    Silence silence;
    for (int i = 0; i < 4; ++i)
        silence.pool.gaveUp(7);
    REQUIRE(silence.pool.resting(7));
    CHECK_FALSE(silence.pool.resting(8)); // its card left, or the reader, or pcscd
    silence.pool.gaveUp(8);
    silence.pool.gaveUp(8);
    CHECK_FALSE(silence.pool.resting(8));
    silence.pool.gaveUp(8);
    CHECK(silence.pool.resting(8));
}
