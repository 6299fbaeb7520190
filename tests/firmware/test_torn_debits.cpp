// Debits that are torn, and how they are settled.
#include "tests/firmware/purse_lane_fixture.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using hal::Signal;

TEST_CASE("a debit torn after the card acted is resumed by the same card, and nobody pays twice") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    putAndPull(*world.reader, card, flatDebit, true);
    const auto torn = world.outcomeAfter(0);
    CHECK(torn.signal == Signal::again);
    CHECK(torn.reason == Reason::debit_unfinished);
    CHECK(balanceOf(card) == 800);
    CHECK(world.gateOpenings() == 0);
    CHECK(world.store->openIntents()->size() == 1);
    world.clock.advance(std::chrono::seconds(5));
    const auto resumed = world.present(card);
    CHECK(resumed.signal == Signal::accepted);
    CHECK(resumed.fareFen == 200);
    CHECK(resumed.balanceFen == 800);
    CHECK(balanceOf(card) == 800);
    CHECK(world.gateOpenings() == 1);
    CHECK(world.payload(1).at("purse").at("evidence") == "proof");
    CHECK(world.store->openIntents()->empty());
}

TEST_CASE("a resumption that is torn again keeps the proof that the card gave first") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    putAndPull(*world.reader, card, flatDebit, true);
    CHECK(world.outcomeAfter(0).reason == Reason::debit_unfinished);
    constexpr std::size_t provingDebit =
        4; // SELECT, file 17, proof, INITIALIZE FOR PURCHASE, DEBIT FOR PURCHASE
    putAndPull(*world.reader, card, provingDebit, true);
    CHECK(world.outcomeAfter(1).reason == Reason::debit_unfinished);
    CHECK(world.gateOpenings() == 0);
    const auto resumed = world.present(card);
    CHECK(resumed.signal == Signal::accepted);
    CHECK(world.gateOpenings() == 1);
    CHECK(balanceOf(card) == 800);
    CHECK(world.payload(1).at("purse").at("evidence") == "proof");
    CHECK(world.payload(1).at("purse").at("tac").get<std::string>().size() == 8);
}

TEST_CASE("a SAM that is lost between debit and proof costs the holder a second tap, and nothing more") {
    PurseLane world;
    const auto sam = world.cards.makeSam().value();
    auto deaf = std::make_shared<std::atomic<bool>>(true);
    world.samReader->insert(
        sam->atr(),
        [sam, deaf](ByteView command) {
            const bool creditSam = command[0] == 0x80 && command[1] == 0x72;
            return creditSam && *deaf ? std::nullopt : sam->answer(command);
        },
        [sam] { sam->reset(); });
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    CHECK(world.present(card).reason == Reason::debit_unfinished);
    CHECK(balanceOf(card) == 800);
    CHECK(world.gateOpenings() == 0);
    *deaf = false;
    CHECK(world.present(card).signal == Signal::accepted);
    CHECK(balanceOf(card) == 800);
    CHECK(world.recorded() == 1);
}

TEST_CASE("a forger who is mute at the debit and answers any proof afterwards rides for nothing nowhere") {
    PurseLane world;
    const auto genuine = world.cards.personalise(purseHolder(1000)).value();
    putAndPull(*world.reader, genuine, flatDebit, false); // the purse never saw the debit
    CHECK(world.outcomeAfter(0).reason == Reason::debit_unfinished);
    const auto relayed = [&](ByteView command) -> std::optional<Bytes> {
        if (command[0] == 0x80 && command[1] == 0x5A)
            return fromHex("00112233445566779000").value();
        return genuine->answer(command);
    };
    world.reader->insert(genuine->atr(), relayed, [&] { genuine->reset(); });
    const auto contradicted = world.outcomeAfter(1); // the card behind the lie is genuine, its counter too
    CHECK(contradicted.reason == Reason::card_not_genuine);
    CHECK(world.gateOpenings() == 0);
    const auto alone = [&](ByteView command) -> std::optional<Bytes> {
        auto answer = relayed(command);
        if (command[0] == 0x80 && command[1] == 0x50)
            answer->at(5) ^= 1; // the counter one further on
        return answer;
    };
    world.reader->insert(genuine->atr(), alone, [&] { genuine->reset(); });
    const auto forged = world.outcomeAfter(2);
    CHECK(forged.signal == Signal::again); // the genuine card behind it refuses a MAC1 over another counter
    CHECK(world.gateOpenings() == 0);
    CHECK(world.store->openIntents()->size() == 1);
    CHECK(world.present(genuine).signal == Signal::accepted); // the lie is over: begun anew, paid once
    CHECK(balanceOf(genuine) == 800);
}

TEST_CASE("a debit torn before the card acted is begun anew, and its holder is not told of a repeat") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    putAndPull(*world.reader, card, flatDebit, false);
    CHECK(world.outcomeAfter(0).reason == Reason::debit_unfinished);
    CHECK(balanceOf(card) == 1000);
    const auto again = world.present(card);
    CHECK(again.signal == Signal::accepted);
    CHECK(balanceOf(card) == 800);
    CHECK(world.recorded() == 1);
}

TEST_CASE("a torn debit whose card stays away is told upstream, and settled when the card is seen again") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    const auto other = world.cards.personalise(purseHolder(1000)).value();
    SECTION("after the window") {
        putAndPull(*world.reader, card, flatDebit, true);
        world.outcomeAfter(0);
        world.clock.advance(std::chrono::seconds(31));
    }
    SECTION("when another card comes") {
        putAndPull(*world.reader, card, flatDebit, true);
        world.outcomeAfter(0);
        CHECK(world.present(other).signal == Signal::accepted);
        world.clock.advance(std::chrono::seconds(31));
    }
    world.running->torn.reportOverdue(); // the lane does the same between holders
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (world.sequenceOf("debit_unresolved") == 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield(); // the lane may be at it this moment
    const auto unresolved = world.sequenceOf("debit_unresolved");
    REQUIRE(unresolved != 0);
    CHECK(world.payload(unresolved).at("purse").at("amount_fen") == 200);
    CHECK(world.store->openIntents()->size() == 1);
    const auto later = world.presentLater(card, std::chrono::hours(1));
    CHECK(later.signal == Signal::accepted); // a new ride
    CHECK(balanceOf(card) == 600);
    const auto settled = world.payload(world.sequenceOf("debit_settled"));
    CHECK(settled.at("purse").at("debited") == true);
    CHECK(settled.at("admitted") == false);
    CHECK(world.store->openIntents()->empty());
}
