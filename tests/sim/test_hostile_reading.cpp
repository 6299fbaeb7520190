// Every way of reading a card, against every kind of hostile card: it must end, and must not believe.
#include "apdu/financial/application.h"
#include "apdu/legacy/uid.h"
#include "apdu/sam/purchase.h"
#include "apdu/social_security/card.h"
#include "apdu/transit/purse.h"
#include "card_terminal.h"
#include "contact.h"
#include "sim/cards/hostile_card.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::apdu;
using sim::HostileCard;
using sim::HostileMode;
using test::Contact;

namespace {

constexpr std::uint64_t seeds = 4;
constexpr std::size_t moments = 12;
constexpr std::size_t mostExchanges = 700; // of one reading, with every chain followed to its bound

struct HostileWorld {
    HostileWorld() : sam(sam::Sam::open(std::make_unique<Contact>(issuer.makeSam().value())).value()) {}

    std::shared_ptr<sim::CardSoftware> genuine(std::string_view number, sim::CardInterface interface) {
        auto spec = test::simulatedPerson(interface);
        spec.cardNumber8 = number;
        spec.name = number; // another holder on each card
        spec.purse = sim::PurseSpec{};
        spec.financial = sim::FinancialSpec{};
        return issuer.personalise(spec).value();
    }

    sim::CardIssuer issuer = sim::CardIssuer::create().value();
    std::unique_ptr<sam::Sam> sam;
};

struct Presented {
    std::shared_ptr<HostileCard> card;
    HostileMode mode;
    std::shared_ptr<sim::CardSoftware> genuine;
    std::shared_ptr<sim::CardSoftware> other; // that takes the genuine one's place
};

template <typename Use>
void forEachHostileCard(HostileWorld& world, Use use) {
    for (const auto interface : {sim::CardInterface::contact, sim::CardInterface::contactless})
        for (const auto mode : sim::promptHostileModes)
            for (std::size_t at = 0; at < moments; ++at)
                for (std::uint64_t seed = 0; seed < seeds; ++seed) {
                    INFO(sim::nameOf(mode) << " at " << at << ", seed " << seed);
                    const auto genuine = world.genuine("A1000001", interface);
                    const auto other = world.genuine("B1000001", interface);
                    const auto card =
                        std::make_shared<HostileCard>(sim::HostileSpec{mode, seed, at, genuine, other});
                    use(Presented{card, mode, genuine, other}, at);
                }
}

Purchase purchaseBy(const sam::Sam& sam) {
    Purchase purchase;
    purchase.amountFen = 100;
    std::ranges::copy(fromHex("20261124083015").value(), purchase.time.begin());
    std::ranges::copy(fromHex(sam.terminalNumber()).value(), purchase.terminal.begin());
    return purchase;
}

// True: the SAM has seen the purse's own proof that it paid.
bool pay(Channel& channel, sam::Sam& sam) {
    transit::TransitPurse purse(channel);
    const auto card = purse.open();
    if (!card)
        return false;
    const auto purchase = purchaseBy(sam);
    const auto start = purse.initialise(purchase);
    if (!start)
        return false;
    auto begun = sam::SamPurchase::begin(sam, purchase, *start, card->card.issuer, card->card.shortSerial());
    if (!begun)
        return false;
    const auto proof = purse.debit(purchase, begun->authorisation());
    return proof && begun->confirm(proof->mac2).has_value();
}

} // namespace

TEST_CASE("No hostile card keeps a social security reading busy, or becomes two cards in one") {
    HostileWorld world;
    std::size_t readings = 0;
    forEachHostileCard(world, [&](const Presented& presented, std::size_t at) {
        Contact contact(presented.card);
        Channel channel(contact);
        const auto evidence = social_security::SocialSecurityCard(channel, world.sam.get()).read();
        CHECK(channel.exchanges() < mostExchanges);
        if (!evidence)
            return;
        ++readings;
        CHECK(evidence->cardAuthenticated);
        if (presented.mode == HostileMode::swapped) {
            const auto* const number = at == 0 ? "B1000001" : "A1000001";
            REQUIRE(evidence->holder);
            CHECK(evidence->holder->name.reveal() == number);
            CHECK(evidence->issuer.cardNumber.starts_with(number));
        }
    });
    CHECK(readings > 0); // those whose moment comes after the reading
}

TEST_CASE("No hostile purse is believed to have paid when it did not") {
    HostileWorld world;
    std::size_t paid = 0;
    std::size_t refused = 0;
    forEachHostileCard(world, [&](const Presented& presented, std::size_t) {
        Contact contact(presented.card);
        Channel channel(contact);
        const bool believed = pay(channel, *world.sam);
        CHECK(channel.exchanges() < mostExchanges);
        const auto taken = 2 * 5000 - sim::purseOf(*presented.genuine)->state().balanceFen -
                           sim::purseOf(*presented.other)->state().balanceFen;
        CHECK((taken == 0 || taken == 100));
        if (believed)
            CHECK(taken == 100);
        ++(believed ? paid : refused);
    });
    CHECK(paid > 0);
    CHECK(refused > 0);
}

TEST_CASE("No hostile card keeps a look at its bank application or its number busy") {
    HostileWorld world;
    forEachHostileCard(world, [&](const Presented& presented, std::size_t) {
        Contact contact(presented.card);
        Channel bank(contact);
        const auto evidence = financial::readFinancial(bank);
        CHECK(bank.exchanges() < 2 * mostExchanges);
        if (evidence)
            CHECK(evidence->maskedNumber.find('*') != std::string::npos);
        Channel number(contact);
        (void)legacy::readUid(number);
        CHECK(number.exchanges() <= Channel::maxFollowUps + 1);
    });
}
