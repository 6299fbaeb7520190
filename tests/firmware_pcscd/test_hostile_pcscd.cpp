// Cards that want to break the terminal, in the virtual reader of a real pcscd.
#include "drivers/pcsc/pcsc.h"
#include "drivers/system/clock.h"
#include "sim/cards/vpcd_slot.h"
#include "tests/firmware/hostile_town.h"

using namespace ykt;
using namespace ykt::test;
using namespace std::chrono_literals;

namespace {

constexpr auto readerName = "Virtual PCD 00 00";
constexpr drivers::pcsc::Limits limits{.exchange = 1000ms, .exclusive = 300ms};
// A lane on the driver itself: cards really come and go.
struct Street : HostileTown {
    firmware::terminal::Outcome show(const std::shared_ptr<sim::CardSoftware>& card) {
        clock.advance(4s);
        const auto before = terminal->outcomes().newest();
        slot.insert(card);
        auto outcome = outcomeAfter(before);
        slot.remove();
        std::unique_lock lock(mutex);
        REQUIRE(changed.wait_for(lock, 5s, [this] { return !terminal->lanes().at(readerName).occupied; }));
        return outcome;
    }

    drivers::SystemClock systemClock;
    std::shared_ptr<drivers::Pcsc> pcsc = drivers::Pcsc::start(systemClock, limits);
    sim::VpcdSlot slot;
    RunningLane running{*terminal,
                        *store,
                        clock,
                        pseudonymKey,
                        cardSettings,
                        ride,
                        pcsc->reader(readerName, hal::SlotKind::contactless),
                        samReader};
};

std::uint64_t announcedSeed(const char* what) {
    const auto seed = numberFrom("YKT_SEED", std::random_device{}());
    std::printf("hostile cards over pcscd, %s: YKT_SEED=%llu\n", what, static_cast<unsigned long long>(seed));
    return seed;
}

} // namespace

TEST_CASE("hostile cards that are put into the reader and taken out again are endured as well") {
    const auto seed = announcedSeed("inserted");
    std::mt19937_64 random(seed);
    Street street;
    for (int number = 0; number < 20; ++number) {
        INFO("seed " << seed << ", insertion " << number);
        street.endure(street.draw(random), [&street](const auto& card) { return street.show(card); });
    }
    street.clock.advance(1min);
    const auto outcome = street.show(street.citizens.front().card);
    CHECK(outcome.signal == hal::Signal::accepted);
}
