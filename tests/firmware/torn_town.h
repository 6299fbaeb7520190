// Stories of torn debits, and a town in which they happen: terminals that can be killed, cards that are
// pulled, a back office that keeps book.
#pragma once

#include "sim/back_office/purse_book.h"
#include "tests/apdu/direct_connection.h"
#include "tests/environment.h"
#include "tests/firmware/card_lane_fixture.h"

#include <cstdio>
#include <random>

namespace ykt::test {

// Where cards are put: a simulated reader, or a slot of pcscd's virtual one.
class CardPlace {
  public:
    virtual ~CardPlace() = default;
    virtual std::shared_ptr<hal::CardReader> reader() = 0;
    virtual void insert(const std::shared_ptr<sim::CardSoftware>& card) = 0;
    // It leaves at its n-th command; `leaving`, if there is one, is called at that moment.
    virtual void insertPulled(const std::shared_ptr<sim::CardSoftware>& card, std::size_t at,
                              bool afterItActed, std::function<void()> leaving) = 0;
    virtual void remove() = 0;
};

enum class Kill { none, program, machine };
enum class Next { same_card, another_card, nobody };

// One case as it was drawn.
struct Story {
    std::size_t pullAt = 0;
    bool afterItActed = false;
    Kill kill = Kill::none;
    Next next = Next::nobody;
    bool inTime = false;                   // the next card comes within the window
    std::optional<std::size_t> secondPull; // the next card is pulled too
    bool secondActed = false;
    bool seenNextDay = false;
};

inline Story draw(std::mt19937_64& random) {
    const auto below = [&random](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    Story story;
    story.pullAt = below(8);
    story.afterItActed = below(2) == 0;
    story.kill = static_cast<Kill>(below(3));
    story.next = static_cast<Next>(below(3));
    story.inTime = below(2) == 0;
    if (below(3) == 0)
        story.secondPull = below(10);
    story.secondActed = below(2) == 0;
    story.seenNextDay = below(2) == 0;
    return story;
}

inline firmware::config::RideSettings rideOf(unsigned kind) {
    firmware::config::RideSettings ride;
    ride.city = 0x6401;
    ride.fare.flatFen = 200;
    if (kind == 1)
        ride.fare.sameDirection = std::chrono::seconds(5); // reads and writes trip records
    if (kind == 2) {
        ride.fare.mode = firmware::policy::FareRules::Mode::zones;
        ride.fare.zoneOfStation = {{1, 1}, {2, 2}};
        ride.fare.priceOfZones = {{1, 150}, {2, 250}};
        ride.fare.maximumFen = 250;
        ride.fare.longestRide = std::chrono::hours(2);
    }
    return ride;
}

// A terminal that can be killed: what its store holds at that moment is what the next run finds.
struct Town : TerminalFixture {
    Town(const firmware::config::RideSettings& rideSettings, CardPlace& cardsGo, CardPlace& samGoes)
        : ride(rideSettings), place(cardsGo), samPlace(samGoes) {
        samPlace.insert(cards.makeSam().value());
        cardSettings.applications = {firmware::config::CardApplication::transit_purse};
        start();
    }

    void start() {
        running = std::make_unique<RunningLane>(*terminal, *store, clock, pseudonymKey, cardSettings, ride,
                                                place.reader(), samPlace.reader());
        terminal->setPosition({1, 0, 1});
    }

    std::shared_ptr<sim::CardSoftware> newCard() {
        auto spec = holder(++holders % 900);
        spec.interface = holders % 2 == 0 ? sim::CardInterface::contact : sim::CardInterface::contactless;
        spec.purse = sim::PurseSpec{};
        spec.purse->balanceFen = startBalance;
        spec.purse->counter = static_cast<std::uint16_t>(holders % 3 == 0 ? 0xFFFE : holders);
        purses.push_back(cards.personalise(spec).value());
        return purses.back();
    }

    // SIGKILL: files as they are, memory lost. Called while the lane waits for the card.
    void photographStore() {
        for (const auto* end : {"", "-wal"}) {
            const auto file = storeOptions.file.string() + end;
            std::filesystem::remove(file + ".killed");
            if (std::filesystem::exists(file))
                std::filesystem::copy_file(file, file + ".killed");
        }
        photographed = true;
    }

    void restart(Kill kill) {
        running.reset();
        terminal.reset();
        store.reset();
        for (const auto* end : {"", "-wal", "-shm"}) {
            const auto file = storeOptions.file.string() + end;
            std::filesystem::remove(file);
            if (std::filesystem::exists(file + ".killed"))
                std::filesystem::rename(file + ".killed", file);
        }
        photographed = false;
        if (kill == Kill::machine)
            clock.reboot();
        openStore();
        startTerminal();
        start();
    }

    hal::Signal present(const std::shared_ptr<sim::CardSoftware>& card, std::optional<std::size_t> pullAt,
                        bool afterItActed, bool photograph) {
        const auto before = terminal->outcomes().newest();
        if (pullAt)
            place.insertPulled(card, *pullAt, afterItActed,
                               photograph ? [this] { photographStore(); } : std::function<void()>{});
        else
            place.insert(card);
        const auto signal = outcomeAfter(before).signal;
        place.remove();
        return signal;
    }

    void play(const Story& story) {
        const auto card = newCard();
        const auto first = present(card, story.pullAt, story.afterItActed, story.kill != Kill::none);
        if (photographed)
            restart(story.kill);
        // A card that was concluded bounces for three seconds; one that was torn does not.
        clock.advance(story.inTime ? std::chrono::seconds(first == hal::Signal::again ? 1 : 12)
                                   : std::chrono::seconds(40));
        running->torn.reportOverdue();
        if (story.next == Next::same_card)
            present(card, story.secondPull, story.secondActed, false);
        if (story.next == Next::another_card)
            present(newCard(), story.secondPull, story.secondActed, false);
        clock.advance(std::chrono::seconds(40));
        tellOverdue();
    }

    // The lane does the same between holders; whoever is at it, in the end all is told.
    void tellOverdue() {
        const auto untold = [this] {
            running->torn.reportOverdue();
            const auto intents = store->openIntents();
            return !intents ||
                   std::ranges::any_of(*intents, [](const auto& intent) { return !intent.reported; });
        };
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (untold() && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
    }

    // What a back office would have by now.
    void deliver() {
        const auto records = store->list(delivered + 1, 1000);
        REQUIRE(records);
        for (const auto& summary : *records) {
            delivered = summary.id.sequence;
            const auto record = store->read(delivered);
            REQUIRE(record);
            const auto claim = sim::purseClaimOf(record->kind, toText(record->payload));
            REQUIRE(claim);
            if (*claim)
                CHECK(book.enter(**claim) == "");
        }
    }

    // True: nothing is unresolved.
    bool accountFor(const std::shared_ptr<sim::CardSoftware>& card) {
        const auto state = sim::purseOf(*card)->state();
        const auto gone = std::int64_t{startBalance} - state.balanceFen;
        DirectConnection connection(card);
        apdu::Channel channel(connection);
        const auto serial = toHex(apdu::transit::TransitPurse(channel).open()->card.shortSerial());
        std::int64_t settled = 0;
        std::int64_t unresolved = 0;
        for (const auto& line : book.lines()) {
            if (line.serial != serial)
                continue;
            if (line.state == sim::PurseLine::State::settled)
                settled += line.amountFen;
            if (line.state == sim::PurseLine::State::unresolved)
                unresolved += line.amountFen;
        }
        INFO("gone " << gone << ", settled " << settled << ", unresolved " << unresolved);
        CHECK(settled <= gone);
        CHECK(gone <= settled + unresolved);
        return unresolved == 0 && settled == gone;
    }

    static constexpr std::uint32_t startBalance = 5000;
    firmware::config::CardSettings cardSettings;
    firmware::config::RideSettings ride;
    CardPlace& place;
    CardPlace& samPlace;
    SQLite::Database database{":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    sim::PurseBook book{database,
                        [this](const sim::PurchaseClaim& claim) { return cards.tacIsRight(claim); }};
    std::vector<std::shared_ptr<sim::CardSoftware>> purses; // of the case
    std::uint64_t delivered = 0;
    unsigned holders = 0;
    bool photographed = false;
    std::unique_ptr<RunningLane> running; // last: it uses all of the above
};

// Plays `cases` stories drawn from `seed`; after `casesOfOneTown` the next town begins with an empty store.
inline void playStories(std::uint64_t seed, std::uint64_t cases, std::uint64_t casesOfOneTown,
                        CardPlace& cardPlace, CardPlace& samPlace) {
    std::mt19937_64 random(seed);
    std::unique_ptr<Town> town;
    unsigned unresolvedAtFirst = 0;
    unsigned killed = 0;
    for (std::uint64_t number = 0; number < cases; ++number) {
        if (number % casesOfOneTown == 0) {
            town.reset();
            town = std::make_unique<Town>(rideOf(static_cast<unsigned>(number / casesOfOneTown % 3)),
                                          cardPlace, samPlace);
        }
        const auto story = draw(random);
        INFO("seed " << seed << ", case " << number << ": pulled at " << story.pullAt
                     << (story.afterItActed ? " after" : " before") << " it acted, kill "
                     << static_cast<int>(story.kill) << ", next " << static_cast<int>(story.next)
                     << (story.inTime ? " in time" : " late") << ", second pull "
                     << (story.secondPull ? std::to_string(*story.secondPull) : "none"));
        town->purses.clear();
        town->play(story);
        killed += story.kill != Kill::none ? 1U : 0U;
        town->deliver();
        for (const auto& card : std::vector(town->purses)) {
            if (town->accountFor(card))
                continue;
            ++unresolvedAtFirst;
            if (!story.seenNextDay)
                continue;
            town->clock.advance(std::chrono::hours(24));
            town->present(card, std::nullopt, false, false);
            town->deliver();
            CHECK(town->accountFor(card)); // once it was seen again, nothing is open
        }
    }
    if (cases < 200) // too few to say anything about them all
        return;
    CHECK(unresolvedAtFirst * 40 > cases); // the stories do tear debits
    CHECK(killed * 2 > cases);
}

inline std::uint64_t announcedSeed() {
    const auto seed = numberFrom("YKT_SEED", std::random_device{}());
    std::printf("torn debits: YKT_SEED=%llu\n", static_cast<unsigned long long>(seed));
    return seed;
}

} // namespace ykt::test
