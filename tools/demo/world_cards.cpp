// The cards of the world and their holders, all invented.
#include "apdu/channel.h"
#include "base/hex.h"
#include "firmware/identity/legacy_map.h"
#include "qr/fusion_code.h"
#include "sim/cards/legacy_card.h"
#include "tools/demo/world.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace ykt::demo {
namespace {

using apdu::Command;
using apdu::social_security::Algorithm;
using apdu::social_security::Version;
using sim::CardInterface;

struct DemoCard {
    std::string_view name;
    std::string_view what;
    Version version;
    Algorithm algorithm;
    CardInterface interface;
    char cardClass;
    bool forged;
    std::string_view holder;
    std::optional<std::uint32_t> purseFen;
};

constexpr auto v3 = Version::v3_0;
constexpr auto sm4 = Algorithm::sm4;
constexpr auto air = CardInterface::contactless;

constexpr std::array demoCards{
    DemoCard{"genuine", "social security card 3.0, SM4", v3, sm4, air, '3', false, "试验甲", {}},
    DemoCard{"v2",
             "social security card 2.0, 3DES",
             Version::v2_0,
             Algorithm::triple_des,
             CardInterface::contact,
             '4',
             false,
             "试验乙",
             {}},
    DemoCard{"student", "student's card 3.0, SM4", v3, sm4, air, '2', false, "试验丙·买买提", {}},
    DemoCard{"forged", "forged card: right data, wrong keys", v3, sm4, air, '3', true, "试验丁", {}},
    DemoCard{"revoked", "card reported lost", v3, sm4, air, '3', false, "试验戊", {}},
    DemoCard{"pulled", "a good card for pulling", v3, sm4, air, '3', false, "试验己", {}},
    DemoCard{"purse", "card 3.0 with a transit purse, 50.00 yuan", v3, sm4, air, '3', false, "试验庚", 5000},
    DemoCard{"student-purse", "student's card with a purse", v3, sm4, air, '2', false, "试验辛", 2000},
    DemoCard{"torn", "card with a purse, for pulling at the debit", v3, sm4, air, '3', false, "试验壬", 3000},
    DemoCard{"cut", "card with a purse, at whose debit the power is cut", v3, sm4, air, '3', false, "试验寅",
             2500},
    DemoCard{"listed-purse", "card with a purse reported lost", v3, sm4, air, '3', false, "试验癸", 4000},
    DemoCard{"poor-purse", "card with 1.50 yuan in its purse", v3, sm4, air, '3', false, "试验子", 150},
    DemoCard{"spare-purse", "card with a purse that does not ride in the day", v3, sm4, air, '3', false,
             "试验丑", 2000},
};

struct OldCard {
    std::string_view name;
    std::string_view what;
    ByteArray<7> uid;
    bool onTheMap;
};

constexpr std::array oldCards{
    OldCard{"legacy", "senior's card of an older scheme, on the map", {0x04, 0x64, 1, 2, 3, 4, 5}, true},
    OldCard{"unknown-legacy", "such a card that nobody registered", {0x04, 0x64, 9, 9, 9, 9, 9}, false},
};

Result<Bytes> dataOf(const std::optional<Bytes>& answer, std::size_t size) {
    if (!answer || answer->size() != size + 2)
        return fail(Reason::card_data_malformed, "a card of the simulated world");
    return Bytes(answer->begin(), answer->end() - 2);
}

// What a revocation list names of a card: its identifier, tag 01 of EF05, free to read.
Result<std::string> cardIdentifier(sim::CardSoftware& card) {
    static constexpr ByteArray<15> application{0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E, 0xC9,
                                               0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF};
    card.reset();
    card.answer(Command::select(application).encode());
    const auto record = dataOf(card.answer(Command::readRecordByTag(5, 1, 0x12).encode()), 0x12);
    card.reset();
    return record.map([](const Bytes& bytes) { return toHex(ByteView(bytes).subspan(2)); });
}

// And of a purse: its serial number, 20 digits from byte 10 of file 15.
Result<std::string> purseSerial(sim::CardSoftware& card) {
    static constexpr ByteArray<8> application{0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x05};
    static constexpr ByteArray<5> readFile15{0x00, 0xB0, 0x95, 0x00, 0x1E};
    card.reset();
    card.answer(Command::select(application).encode());
    const auto file = dataOf(card.answer(readFile15), 0x1E);
    card.reset();
    return file.map([](const Bytes& bytes) { return toHex(ByteView(bytes).subspan(10, 10)); });
}

sim::CardSpec specOf(const DemoCard& demo, unsigned sequence) {
    sim::CardSpec spec;
    spec.version = demo.version;
    spec.algorithm = demo.algorithm;
    spec.interface = demo.interface;
    spec.cardClass = demo.cardClass;
    spec.forged = demo.forged;
    spec.name = demo.holder;
    spec.cardNumber8 = "A1000" + std::to_string(sequence);
    spec.socialSecurityNumber = sim::simulatedNumber(std::chrono::year{1980} / 5 / 17, sequence);
    if (demo.purseFen) {
        sim::PurseSpec purse;
        purse.balanceFen = *demo.purseFen;
        purse.cardType = demo.cardClass == '2' ? 2 : 1;
        spec.purse = purse;
    }
    return spec;
}

} // namespace

Result<void> World::personaliseCards() {
    unsigned sequence = 100;
    for (const auto& demo : demoCards) {
        const auto spec = specOf(demo, sequence++);
        auto card = issuers_.cards.personalise(spec);
        if (!card)
            return failWith(card);
        personalData_.insert(personalData_.end(), {spec.name, spec.socialSecurityNumber});
        if (auto purse = sim::purseOf(**card)) {
            const auto serial = purseSerial(**card);
            if (!serial)
                return failWith(serial);
            personalData_.push_back(*serial);
            purses_.push_back({std::string(demo.name), *serial, *demo.purseFen, std::move(purse)});
        }
        cards_.emplace(demo.name, std::move(*card));
    }
    for (const auto& old : oldCards) {
        cards_.emplace(old.name, std::make_shared<sim::LegacyCard>(Bytes(old.uid.begin(), old.uid.end())));
        personalData_.push_back(toHex(old.uid));
    }
    auto sam = issuers_.cards.makeSam();
    if (!sam)
        return failWith(sam);
    sam_ = std::move(*sam);
    return {};
}

Result<std::string> World::revocationBody() const {
    const auto lost = cardIdentifier(*cards_.at("revoked"));
    if (!lost)
        return failWith(lost);
    const auto listed = std::ranges::find(purses_, "listed-purse", &DemoPurse::card);
    std::vector<std::string> entries{sim::revocationEntry("social_security_card", *lost),
                                     sim::revocationEntry("transit_purse", listed->serial)};
    std::ranges::sort(entries);
    return nlohmann::json{{"entries", entries}}.dump();
}

// The holder keeps the pseudonym that the one card will have too (regulation, article 7).
std::string World::legacyMapBody() {
    auto cards = nlohmann::json::array();
    const auto lastDay = formatUtc(clock_.now().wall + std::chrono::days(365)).substr(0, 10);
    for (const auto& old : oldCards) {
        if (!old.onTheMap)
            continue;
        const PersonalData<std::string> holder(sim::simulatedNumber(std::chrono::year{1950} / 10 / 1, 300));
        personalData_.push_back(holder.reveal());
        cards.push_back({{"uid", toHex(firmware::identity::legacyDigest(issuers_.pseudonymKey, old.uid))},
                         {"holder", toHex(qr::holderReference(issuers_.pseudonymKey, holder))},
                         {"class", "senior"},
                         {"region", "640100"},
                         {"not_after", lastDay}});
    }
    return nlohmann::json{{"cards", cards}}.dump();
}

std::vector<Medium> World::cards() {
    std::vector<Medium> media;
    for (const auto& card : demoCards)
        media.push_back({std::string(card.name), std::string(card.what)});
    for (const auto& card : oldCards)
        media.push_back({std::string(card.name), std::string(card.what)});
    return media;
}

Result<std::shared_ptr<sim::CardSoftware>> World::card(const std::string& name) const {
    const auto found = cards_.find(name);
    if (found == cards_.end())
        return fail(Reason::input_malformed, "no card '" + name + "' in this world");
    return found->second;
}

} // namespace ykt::demo
