#include "firmware/panel/views.h"
#include "tests/firmware/captured_log.h"
#include "tests/firmware/card_lane_fixture.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using hal::Signal;

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

TEST_CASE("no name, number or key appears in a log line or in what the panel shows") {
    const CapturedLog log;
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
        shown = panel::outcomesJson(world.terminal->outcomes().after(0), {}) +
                panel::recordJson(world.store->read(1).value()) +
                panel::recordJson(world.store->read(2).value());
    }
    CHECK(log.text().find("accepted") != std::string::npos); // something was logged
    CHECK(shown.find("medium_id") != std::string::npos);     // and shown
    for (const auto& text : {log.text(), shown})
        for (const auto& personal : {spec.name, spec.socialSecurityNumber, spec.cardNumber8})
            CHECK(text.find(personal) == std::string::npos);
}
