// A lane that purses pay at, and purses to pay with.
#pragma once

#include "tests/apdu/direct_connection.h"
#include "tests/firmware/card_lane_fixture.h"

namespace ykt::test {

inline constexpr std::size_t flatDebit = 3; // SELECT, file 17, INITIALIZE FOR PURCHASE, DEBIT FOR PURCHASE

inline firmware::config::CardSettings busCards() {
    firmware::config::CardSettings cards;
    using enum firmware::config::CardApplication;
    cards.applications = {transit_purse, social_security, legacy_uid};
    return cards;
}

inline firmware::config::RideSettings flatRide() {
    firmware::config::RideSettings ride;
    ride.fare.flatFen = 200;
    ride.city = 0x6401;
    return ride;
}

inline sim::CardSpec purseHolder(std::uint32_t balanceFen, std::uint8_t cardType = 1) {
    auto spec = holder(41);
    spec.interface = sim::CardInterface::contactless;
    spec.purse = sim::PurseSpec{};
    spec.purse->balanceFen = balanceFen;
    spec.purse->cardType = cardType;
    return spec;
}

struct PurseLane : CardLaneFixture {
    explicit PurseLane(const firmware::config::RideSettings& ride = flatRide(),
                       firmware::config::CardSettings settings = busCards())
        : CardLaneFixture(std::move(settings), ride) {}

    firmware::terminal::Outcome present(const std::shared_ptr<sim::CardSoftware>& card) {
        const auto before = terminal->outcomes().newest();
        put(*reader, card);
        auto outcome = outcomeAfter(before);
        reader->remove();
        return outcome;
    }
    firmware::terminal::Outcome presentLater(const std::shared_ptr<sim::CardSoftware>& card,
                                             std::chrono::seconds later) {
        clock.advance(later);
        return present(card);
    }
    std::uint64_t sequenceOf(const std::string& kind) {
        const auto records = store->list(1, 10).value();
        const auto found = std::ranges::find(records, kind, &offline_store::RecordSummary::kind);
        return found == records.end() ? 0 : found->id.sequence;
    }
    nlohmann::json payload(std::uint64_t sequence) {
        const auto record = store->read(sequence).value();
        return nlohmann::json::parse(record.payload);
    }
};

inline std::int64_t balanceOf(const std::shared_ptr<sim::CardSoftware>& card) {
    return sim::purseOf(*card)->state().balanceFen;
}

// What blacklists name: twenty digits of file 15, which is free to read.
inline std::string serialOf(const std::shared_ptr<sim::CardSoftware>& card) {
    DirectConnection connection(card);
    apdu::Channel channel(connection);
    return toHex(apdu::transit::TransitPurse(channel).open()->card.serial);
}

// The number of the command that is the debit, in a ride that goes through.
inline std::size_t debitIndex(const std::shared_ptr<sim::CardSoftware>& card, PurseLane& world) {
    std::size_t commands = 0;
    std::size_t debit = 0;
    world.reader->insert(
        card->atr(),
        [&](ByteView command) {
            if (command.size() > 1 && command[0] == 0x80 && command[1] == 0x54)
                debit = commands;
            ++commands;
            return card->answer(command);
        },
        [card] { card->reset(); });
    const auto outcome = world.outcomeAfter(world.terminal->outcomes().newest());
    CHECK(outcome.signal == hal::Signal::accepted);
    world.reader->remove();
    CHECK(commands <= 7); // the budget of balance and flat fare
    CHECK(debit == commands - 1);
    return debit;
}

} // namespace ykt::test
