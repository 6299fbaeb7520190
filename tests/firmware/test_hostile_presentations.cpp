// 20,000 presentations of cards that want to break the terminal.
#include "tests/firmware/hostile_town.h"
#include "tests/firmware/resources.h"

#include <algorithm>

using namespace ykt;
using namespace ykt::test;
using hal::Signal;

namespace {

constexpr std::uint64_t longestWarmUp = 2000; // the outcome log is full by then: it keeps 1,000
constexpr std::uint64_t growthKib = 4096;     // afterwards
constexpr std::chrono::seconds pause{4};      // longer than a bounce

struct Street : HostileTown {
    firmware::terminal::Outcome show(const std::shared_ptr<sim::CardSoftware>& card) {
        clock.advance(pause);
        const auto before = terminal->outcomes().newest();
        put(*reader, card);
        auto outcome = outcomeAfter(before);
        CHECK(terminal->outcomes().newest() == before + 1);
        reader->remove();
        return outcome;
    }
    firmware::terminal::Outcome endureOne(const Attack& attack) {
        return endure(attack, [this](const auto& card) { return show(card); });
    }

    std::shared_ptr<drivers::SimulatedReader> reader =
        simulatedReader("card", hal::SlotKind::contactless, clock);
    RunningLane running{*terminal, *store, clock, pseudonymKey, cardSettings, ride, reader, samReader};
};

} // namespace

TEST_CASE("20,000 hostile presentations leave the terminal ready, memory flat, and let nobody through who "
          "did not prove it") {
    const auto seed = numberFrom("YKT_SEED", std::random_device{}());
    const auto presentations = numberFrom("YKT_PRESENTATIONS", sanitized ? 2'000 : 20'000);
    const auto warmUp = std::min(longestWarmUp, presentations / 2);
    std::printf("hostile cards: YKT_SEED=%llu YKT_PRESENTATIONS=%llu\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(presentations));
    std::mt19937_64 random(seed);
    Street street;
    Resources warm;
    for (std::uint64_t number = 0; number < presentations; ++number) {
        if (number == warmUp)
            warm = resources();
        INFO("seed " << seed << ", presentation " << number);
        const auto attack = street.draw(random);
        const auto outcome = street.endureOne(attack);
        if (outcome.reason == Reason::debit_unfinished && random() % 2 == 0)
            street.endureOne(street.again(random, attack));
    }
    street.tell();
    checkNothingPiledUp(warm, warmUp, growthKib);
    CHECK(street.seen["accepted"] > 0);
    street.checkReady("card", [&street](const auto& card) { return street.show(card); });
}
