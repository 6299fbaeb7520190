// Purse, SAM and terminal together: the simulated card and PSAM work out each other's MACs.
#include "apdu/transit/purse.h"
#include "base/hex.h"
#include "direct_connection.h"
#include "sim/cards/hostile_card.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::apdu;
using namespace ykt::apdu::transit;
using apdu::sam::SamPurchase;
using test::DirectConnection;
using test::World;

namespace {

constexpr std::uint32_t fare = 200;
constexpr std::uint32_t loaded = 5000;
constexpr LocalTime now{0x20, 0x26, 0x11, 0x24, 0x07, 0x58, 0x59};

sim::CardSpec transitCard() {
    auto spec = World::person();
    spec.interface = sim::CardInterface::contactless;
    spec.purse.emplace();
    return spec;
}

struct PurseWorld : World {
    explicit PurseWorld(const sim::CardSpec& spec = transitCard())
        : software(card(spec)), purse(sim::purseOf(*software)) {
        std::ranges::copy(fromHex(sam->terminalNumber()).value(), purchase.terminal.begin());
        purchase.time = now;
        purchase.amountFen = fare;
        purchase.kind = PurchaseKind::composite;
    }
    // Whether back office and card agree on the debit that `proof` proves.
    [[nodiscard]] bool genuine(const DebitProof& proof, const PurseEvidence& evidence,
                               const ByteArray<4>& sequence) const {
        return issuer
            .tacIsRight({evidence.card.issuer, evidence.card.shortSerial(), purchase.amountFen,
                         static_cast<std::uint8_t>(purchase.kind), purchase.terminal, sequence, purchase.time,
                         proof.tac})
            .value();
    }

    std::shared_ptr<sim::CardSoftware> software;
    std::shared_ptr<const sim::VirtualPurse> purse;
    Purchase purchase;
};

// What a terminal knows of a purchase, as far as it came.
struct Ridden {
    std::optional<PurseEvidence> evidence;
    std::optional<PurchaseStart> start;
    PurchaseAuthorisation authorisation;
    std::optional<DebitProof> proof;
    std::optional<Error> error;
    bool debitSent = false;
};

BusRecord gettingOn() {
    BusRecord ride;
    ride.onBoard = true;
    ride.on.city = 0x6401;
    ride.on.time = now;
    return ride;
}

// From SELECT to the SAM's word on MAC2.
Ridden pay(PurseWorld& world, hal::CardConnection& connection) {
    Channel channel(connection);
    TransitPurse purse(channel);
    Ridden ridden;
    const auto failed = [&](const Error& error) {
        ridden.error = error;
        return ridden;
    };
    const auto evidence = purse.open();
    if (!evidence)
        return failed(evidence.error());
    ridden.evidence = *evidence;
    const auto start = purse.initialise(world.purchase);
    if (!start)
        return failed(start.error());
    ridden.start = *start;
    auto sam = SamPurchase::begin(*world.sam, world.purchase, *start, evidence->card.issuer,
                                  evidence->card.shortSerial());
    if (!sam)
        return failed(sam.error());
    ridden.authorisation = sam->authorisation();
    if (world.purchase.kind == PurchaseKind::composite)
        if (const auto updated = purse.update(busUpdate(gettingOn())); !updated)
            return failed(updated.error());
    ridden.debitSent = true;
    const auto proof = purse.debit(world.purchase, sam->authorisation());
    if (!proof)
        return failed(proof.error());
    ridden.proof = *proof;
    if (const auto genuine = sam->confirm(proof->mac2); !genuine)
        return failed(genuine.error());
    return ridden;
}

Ridden pay(PurseWorld& world) {
    DirectConnection connection(world.software);
    return pay(world, connection);
}

} // namespace

TEST_CASE(
    "A purse that carries file 15 in its FCI is read and debited in five exchanges, and two with the SAM") {
    PurseWorld world;
    world.purchase.kind = PurchaseKind::simple;
    DirectConnection connection(world.software);
    Channel channel(connection);
    TransitPurse purse(channel);
    const auto samBefore = world.sam->exchanges();

    const auto evidence = purse.open().value();
    CHECK(evidence.management.city == 0x6401);
    CHECK(evidence.management.interoperable);
    CHECK(purse.balance().value() == loaded);
    const auto start = purse.initialise(world.purchase).value();
    {
        auto sam = SamPurchase::begin(*world.sam, world.purchase, start, evidence.card.issuer,
                                      evidence.card.shortSerial());
        REQUIRE(sam);
        const auto proof = purse.debit(world.purchase, sam->authorisation());
        REQUIRE(proof);
        CHECK(sam->confirm(proof->mac2));
        CHECK(world.genuine(*proof, evidence, sam->authorisation().terminalSequence));
    }
    CHECK(channel.exchanges() == 5);
    CHECK(world.sam->exchanges() - samBefore == 2);
    CHECK(purse.balance().value() == loaded - fare);
    CHECK(world.purse->state().counter == start.counter + 1);
}

TEST_CASE("A purse is debited over T=0 and without file 15 in its FCI, too") {
    auto spec = transitCard();
    spec.interface = GENERATE(sim::CardInterface::contact, sim::CardInterface::contactless);
    spec.purse->publicFileInFci = false;
    PurseWorld world(spec);
    const auto ridden = pay(world);
    CHECK_FALSE(ridden.error);
    CHECK(world.purse->state().balanceFen == loaded - fare);
}

TEST_CASE("A composite purchase leaves its record, its log and a proof on the card") {
    PurseWorld world;
    const auto ridden = pay(world);
    REQUIRE(ridden.proof);
    DirectConnection connection(world.software);
    Channel channel(connection);
    TransitPurse purse(channel);
    REQUIRE(purse.open());
    const auto ride = purse.busRecord().value();
    REQUIRE(ride);
    CHECK(ride->onBoard);
    CHECK(ride->on.city == 0x6401);
    const auto log = purse.log().value();
    REQUIRE(log.size() == 1);
    CHECK(log[0].amountFen == fare);
    CHECK(log[0].terminal == world.purchase.terminal);
    CHECK(log[0].time == now);
    const auto after = static_cast<std::uint16_t>(ridden.start->counter + 1);
    const auto proof = purse.proof(PurchaseKind::composite, after).value();
    REQUIRE(proof);
    CHECK(proof->tac == ridden.proof->tac);
    CHECK(proof->mac2 == ridden.proof->mac2);
    CHECK_FALSE(purse.proof(PurchaseKind::simple, after).value());
    CHECK_FALSE(purse.proof(PurchaseKind::composite, ridden.start->counter).value());
}

TEST_CASE("A trip record is appended with the debit and only with it") {
    PurseWorld world;
    DirectConnection connection(world.software);
    Channel channel(connection);
    TransitPurse purse(channel);
    const auto evidence = purse.open().value();
    CHECK_FALSE(purse.lastTrip().value());
    TripRecord trip;
    trip.time = now;
    trip.amountFen = fare;
    const auto start = purse.initialise(world.purchase).value();
    REQUIRE(purse.update(tripUpdate(trip)));
    auto sam = SamPurchase::begin(*world.sam, world.purchase, start, evidence.card.issuer,
                                  evidence.card.shortSerial());
    REQUIRE(sam);
    auto wrong = sam->authorisation();
    wrong.mac1[0] ^= 1;
    CHECK(purse.debit(world.purchase, wrong).error() == Reason::debit_refused);
    CHECK_FALSE(purse.lastTrip().value());
    CHECK(world.purse->state().balanceFen == loaded);
}

TEST_CASE("A purse of too little, its overdraft counted in, is told before anything is taken") {
    auto spec = transitCard();
    spec.purse->balanceFen = 100;
    spec.purse->overdraftFen = 150;
    PurseWorld world(spec);
    CHECK_FALSE(pay(world).error);
    CHECK(world.purse->state().balanceFen == -100);
    CHECK(*pay(world).error == Reason::balance_insufficient);
    CHECK(world.purse->state().balanceFen == -100);
}

TEST_CASE("The SAM knows a purse that does not hold the issuer's key") {
    auto spec = transitCard();
    spec.forged = true;
    PurseWorld world(spec);
    CHECK(*pay(world).error == Reason::debit_refused); // it cannot check MAC1 either
    PurseWorld honest;
    DirectConnection tampered(honest.software, [](std::size_t, Bytes answer) {
        if (answer.size() == 10 && answer[8] == 0x90) // TAC, MAC2, 9000
            answer[4] ^= 1;
        return answer;
    });
    CHECK(*pay(honest, tampered).error == Reason::card_not_genuine);
}

TEST_CASE("A locked purse takes no more purchases, and another card's lock does not fit it") {
    PurseWorld world;
    DirectConnection connection(world.software);
    Channel channel(connection);
    TransitPurse purse(channel);
    auto evidence = purse.open().value();
    auto other = evidence;
    other.card.serial[9] ^= 0x01;
    CHECK(purse.lock(*world.sam, other).error() == Reason::status_unexpected);
    CHECK_FALSE(pay(world).error);

    REQUIRE(purse.open());
    REQUIRE(purse.lock(*world.sam, evidence));
    CHECK(*pay(world).error == Reason::application_locked);
    CHECK(world.purse->state().balanceFen == loaded - fare);
}

TEST_CASE("A purse torn away at any exchange is charged exactly where it proves that it was") {
    const auto kind = GENERATE(PurchaseKind::simple, PurchaseKind::composite);
    const auto moment = GENERATE(sim::PullMoment::before_it_acts, sim::PullMoment::after_it_acted);
    const auto interface = GENERATE(sim::CardInterface::contactless, sim::CardInterface::contact);
    auto spec = transitCard();
    spec.interface = interface;
    std::size_t charged = 0;
    for (std::size_t at = 0;; ++at) {
        INFO("exchange " << at);
        PurseWorld world(spec);
        world.purchase.kind = kind;
        sim::PulledConnection pulled(std::make_unique<DirectConnection>(world.software), at, moment);
        const auto torn = pay(world, pulled);
        if (!torn.error)
            break; // pulled after its last answer
        CHECK(*torn.error == Reason::card_gone);
        const bool taken = world.purse->state().balanceFen != loaded;
        charged += taken ? 1 : 0;
        CHECK((!taken || torn.debitSent));

        // it comes back: the same card, and it tells
        DirectConnection again(world.software);
        Channel channel(again);
        TransitPurse purse(channel);
        const auto evidence = purse.open().value();
        if (!torn.start)
            continue;
        REQUIRE(evidence.card.serial == torn.evidence->card.serial);
        const auto proof = purse.proof(kind, static_cast<std::uint16_t>(torn.start->counter + 1)).value();
        CHECK(proof.has_value() == taken);
        if (proof)
            CHECK(world.genuine(*proof, evidence, torn.authorisation.terminalSequence));
        CHECK(purse.busRecord().value()->onBoard == (taken && kind == PurchaseKind::composite));
        CHECK_FALSE(pay(world).error); // and it pays again
    }
    const bool lostAnswer = moment == sim::PullMoment::after_it_acted;
    const bool fetched = interface == sim::CardInterface::contact; // 61 08, then GET RESPONSE
    CHECK(charged == (lostAnswer ? 1U : 0U) + (fetched ? 1U : 0U));
}

TEST_CASE("A hostile purse at any point ends in an error, or has paid") {
    const auto mode = GENERATE(from_range(sim::promptHostileModes));
    INFO(sim::nameOf(mode));
    auto card = transitCard();
    card.purse->balanceFen = 1'000'000; // enough for all rounds
    PurseWorld world(card);
    PurseWorld stranger;
    for (std::size_t at = 0; at < 6; ++at) {
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            sim::HostileSpec spec;
            spec.mode = mode;
            spec.seed = seed;
            spec.at = at;
            spec.genuine = world.software;
            spec.other = stranger.software;
            const auto before = world.purse->state().balanceFen;
            DirectConnection connection(std::make_shared<sim::HostileCard>(spec));
            const auto ridden = pay(world, connection);
            const auto after = world.purse->state().balanceFen;
            if (!ridden.error)
                CHECK(after == before - fare);
            if (!ridden.debitSent)
                CHECK(after == before);
        }
    }
}
