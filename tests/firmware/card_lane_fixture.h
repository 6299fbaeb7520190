// A card lane on simulated readers, with a SAM, a terminal and a world around it.
#pragma once

#include "drivers/simulated/reader.h"
#include "firmware/terminal/card_lane.h"
#include "sim/cards/pulled_connection.h"
#include "tests/firmware/terminal_fixture.h"

#include <thread>

namespace ykt::test {

inline void put(drivers::SimulatedReader& reader, const std::shared_ptr<sim::CardSoftware>& card) {
    reader.insert(
        card->atr(), [card](ByteView command) { return card->answer(command); }, [card] { card->reset(); });
}

// As above; the card leaves at its n-th command, before or after it acts. `leaving`, if there is one, is
// called at that moment.
inline void putAndPull(drivers::SimulatedReader& reader, const std::shared_ptr<sim::CardSoftware>& card,
                       std::size_t at, bool afterItActed, std::function<void()> leaving = {}) {
    auto commands = std::make_shared<std::size_t>(0);
    reader.insert(
        card->atr(),
        [&reader, card, at, afterItActed, commands,
         leaving = std::move(leaving)](ByteView command) -> std::optional<Bytes> {
            const bool leaves = (*commands)++ == at;
            std::optional<Bytes> answer;
            if (!leaves || afterItActed)
                answer = card->answer(command);
            if (leaves && leaving)
                leaving();
            if (leaves)
                reader.remove();
            return answer;
        },
        [card] { card->reset(); });
}

// The people are invented.
inline sim::CardSpec holder(unsigned number) {
    sim::CardSpec spec;
    spec.socialSecurityNumber = sim::simulatedNumber(std::chrono::year{1970} / 1 / 2, number);
    spec.name = "试验者" + std::string(number % 2 == 0 ? "甲" : "乙");
    spec.cardNumber8 = "T" + std::to_string(1'000'000 + number);
    return spec;
}

inline std::shared_ptr<drivers::SimulatedReader> simulatedReader(const std::string& name, hal::SlotKind kind,
                                                                 const hal::Clock& clock) {
    return std::make_shared<drivers::SimulatedReader>(hal::ReaderInfo{name, kind}, clock);
}

// One lane with its settings; runs from construction to destruction.
struct RunningLane {
    RunningLane(firmware::terminal::Terminal& terminal, offline_store::Store& store, const hal::Clock& clock,
                const Secret& pseudonymKey, firmware::config::CardSettings cardSettings,
                firmware::config::RideSettings rideSettings, std::shared_ptr<hal::CardReader> cardReader,
                std::shared_ptr<hal::CardReader> sams,
                std::shared_ptr<firmware::terminal::Field> sharedField =
                    std::make_shared<firmware::terminal::Field>())
        : cards(std::move(cardSettings)), ride(rideSettings), samSlot(std::move(sams), {}),
          torn(store, clock, cards.recoveryWindow, [] {}),
          lane(cardReader->info().name, cardReader, std::move(sharedField),
               {terminal, torn, pseudonymKey, cards, ride, &samSlot}),
          thread([this](const std::stop_token& stop) { lane.run(stop); }) {}

    firmware::config::CardSettings cards;
    firmware::config::RideSettings ride;
    firmware::terminal::SamSlot samSlot;
    firmware::terminal::TornDebits torn;
    firmware::terminal::CardLane lane;
    std::jthread thread;
};

struct CardLaneFixture : TerminalFixture {
    explicit CardLaneFixture(firmware::config::CardSettings cardSettings = {},
                             firmware::config::RideSettings rideSettings = {}) {
        put(*samReader, cards.makeSam().value());
        running = std::make_unique<RunningLane>(*terminal, *store, clock, pseudonymKey,
                                                std::move(cardSettings), rideSettings, reader, samReader);
    }

    std::shared_ptr<drivers::SimulatedReader> reader =
        simulatedReader("card", hal::SlotKind::contactless, clock);
    std::shared_ptr<drivers::SimulatedReader> samReader = simulatedReader("sam", hal::SlotKind::sam, clock);
    std::unique_ptr<RunningLane> running;
};

} // namespace ykt::test
