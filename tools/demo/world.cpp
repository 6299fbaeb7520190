#include "tools/demo/world.h"

#include "apdu/channel.h"
#include "base/hex.h"
#include "crypto/random.h"
#include "qr/fusion_code.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ykt::demo {
namespace {

using namespace std::chrono_literals;
using apdu::social_security::Algorithm;
using apdu::social_security::Version;
namespace fs = std::filesystem;

constexpr std::string_view terminalId = "NX-BUS-0001"; // of firmware/profiles/bus.toml
constexpr std::string_view upstreamUrl = "https://localhost:8443";

struct DemoCard {
    std::string_view name;
    std::string_view what;
    Version version;
    Algorithm algorithm;
    sim::CardInterface interface;
    char cardClass;
    bool forged;
    std::string_view holder; // invented, as the numbers are
};

constexpr std::array demoCards{
    DemoCard{"genuine", "social security card 3.0, SM4", Version::v3_0, Algorithm::sm4,
             sim::CardInterface::contactless, '3', false, "试验甲"},
    DemoCard{"v2", "social security card 2.0, 3DES", Version::v2_0, Algorithm::triple_des,
             sim::CardInterface::contact, '4', false, "试验乙"},
    DemoCard{"student", "student's card 3.0, SM4", Version::v3_0, Algorithm::sm4,
             sim::CardInterface::contactless, '2', false, "试验丙·买买提"},
    DemoCard{"forged", "forged card: right data, wrong keys", Version::v3_0, Algorithm::sm4,
             sim::CardInterface::contactless, '3', true, "试验丁"},
    DemoCard{"revoked", "card reported lost", Version::v3_0, Algorithm::sm4, sim::CardInterface::contactless,
             '3', false, "试验戊"},
    DemoCard{"pulled", "a good card for pulling", Version::v3_0, Algorithm::sm4,
             sim::CardInterface::contactless, '3', false, "试验己"},
};

Result<std::string> readText(const fs::path& file) {
    std::ifstream in(file);
    if (!in)
        return fail(Reason::config_unreadable, file.string());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// What a revocation list names of a card: its identifier, tag 01 of EF05, free to read.
Result<std::string> cardIdentifier(sim::CardSoftware& card) {
    using apdu::Command;
    static constexpr ByteArray<15> application{0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E, 0xC9,
                                               0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF};
    card.reset();
    card.answer(Command::select(application).encode());
    const auto record = card.answer(Command::readRecordByTag(5, 1, 0x12).encode());
    card.reset();
    if (!record || record->size() != 0x12 + 2)
        return fail(Reason::card_data_malformed, "card identifier");
    return toHex(ByteView(*record).subspan(2, 16));
}

Result<void> writeHexKey(const fs::path& file, const Secret& key) {
    return sim::writePrivateFile(file, asBytes(toHex(key.reveal())));
}

} // namespace

Result<std::unique_ptr<World>> World::create(const fs::path& folder, const fs::path& profiles,
                                             const hal::Clock& clock) {
    std::error_code error;
    fs::remove_all(folder, error);
    for (const auto* part : {"", "terminal", "terminal/keys", "terminal/state", "terminal/frames"})
        if (fs::create_directories(folder / part, error); error)
            return fail(Reason::config_unreadable, (folder / part).string() + ": " + error.message());

    auto issuers = makeIssuers(clock.now().wall);
    if (!issuers)
        return failWith(issuers);
    std::unique_ptr<World> world(new World(folder, clock, std::move(*issuers)));
    for (const auto& done : {world->personaliseCards(), world->startBackOffice(),
                             world->installTerminal(profiles), world->publishBulletins(profiles)})
        if (!done)
            return failWith(done);
    return world;
}

Result<World::Issuers> World::makeIssuers(WallTime now) {
    auto cards = sim::CardIssuer::create();
    auto codes = sim::CodeIssuer::create();
    auto bulletins = sim::BulletinPublisher::create();
    auto pki = sim::Pki::create(now);
    auto key = crypto::randomSecret(32);
    if (!cards || !codes || !bulletins || !pki || !key)
        return fail(Reason::crypto_failed, "making the keys of the simulated world");
    return Issuers{std::move(*cards), std::move(*codes), std::move(*bulletins), std::move(*pki),
                   std::move(*key)};
}

Result<void> World::personaliseCards() {
    unsigned sequence = 100;
    for (const auto& demo : demoCards) {
        sim::CardSpec spec;
        spec.version = demo.version;
        spec.algorithm = demo.algorithm;
        spec.interface = demo.interface;
        spec.cardClass = demo.cardClass;
        spec.forged = demo.forged;
        spec.name = demo.holder;
        spec.cardNumber8 = "A1000" + std::to_string(sequence);
        spec.socialSecurityNumber = sim::simulatedNumber(std::chrono::year{1980} / 5 / 17, sequence);
        auto card = issuers_.cards.personalise(spec);
        if (!card)
            return failWith(card);
        cards_.emplace(demo.name, std::move(*card));
        personalData_.insert(personalData_.end(), {spec.name, spec.socialSecurityNumber});
        ++sequence;
    }
    auto sam = issuers_.cards.makeSam();
    if (!sam)
        return failWith(sam);
    sam_ = std::move(*sam);
    return {};
}

Result<void> World::startBackOffice() {
    auto identity = issuers_.pki.serverIdentity();
    if (!identity)
        return failWith(identity);
    sim::BackOfficeOptions options;
    options.ledgerFile = folder_ / "ledger.db";
    options.caPem = issuers_.pki.caPem();
    options.identity = std::move(*identity);
    auto office = sim::BackOffice::start(std::move(options), clock_);
    if (!office)
        return failWith(office);
    backOffice_ = std::move(*office);
    return {};
}

Result<void> World::installTerminal(const fs::path& profiles) {
    auto text = readText(profiles / "bus.toml");
    if (!text)
        return failWith(text);
    const auto url = text->find(upstreamUrl);
    if (url == std::string::npos)
        return fail(Reason::config_value, "the bus profile names another upstream than this world replaces");
    text->replace(url, upstreamUrl.size(), "https://localhost:" + std::to_string(backOffice_->port()));

    const auto keys = terminalFolder() / "keys";
    auto identity = issuers_.pki.terminalIdentity(std::string(terminalId));
    auto dataKey = crypto::randomSecret(32);
    if (!identity || !dataKey)
        return fail(Reason::crypto_failed, "making the terminal's keys");
    for (const auto& done :
         {sim::writePrivateFile(profile(), asBytes(*text)),
          sim::writePrivateFile(keys / "upstream-ca.crt", asBytes(issuers_.pki.caPem())),
          sim::writeIdentity(keys, "terminal", *identity), writeHexKey(keys / "data.key", *dataKey),
          writeHexKey(keys / "pseudonym.key", issuers_.pseudonymKey),
          sim::writePrivateFile(keys / "publisher.pub",
                                asBytes(toHex(issuers_.bulletins.publicKey().uncompressed())))})
        if (!done)
            return done;
    return {};
}

Result<void> World::publishBulletins(const fs::path& profiles) {
    const auto catalogue = readText(profiles / "catalogue.json");
    if (!catalogue)
        return failWith(catalogue);

    const auto revoked = cardIdentifier(*cards_.at("revoked"));
    if (!revoked)
        return failWith(revoked);
    const nlohmann::json revocation{{"entries", {sim::revocationEntry("social_security_card", *revoked)}}};

    nlohmann::json anchors{{"ca_keys", nlohmann::json::array()}};
    for (const auto& anchor : issuers_.codes.anchorList())
        anchors["ca_keys"].push_back({{"format", qr::nameOf(anchor.format)},
                                      {"index", toHex(Bytes{anchor.index})},
                                      {"public_key", toHex(anchor.key.uncompressed())}});
    for (const auto& done : {publish("catalogue", *catalogue), publish("revocation", revocation.dump()),
                             publish("trust_anchors", anchors.dump())})
        if (!done)
            return done;
    return {};
}

Result<void> World::publish(const std::string& kind, const std::string& body) {
    const auto now = clock_.now().wall;
    auto bulletin = issuers_.bulletins.publish(kind, 1, now - 1h, now + 30 * 24h, body);
    if (!bulletin)
        return failWith(bulletin);
    backOffice_->offer(kind, 1, std::move(*bulletin));
    return {};
}

std::vector<Medium> World::cards() {
    std::vector<Medium> media;
    for (const auto& card : demoCards)
        media.push_back({std::string(card.name), std::string(card.what)});
    return media;
}

std::vector<Medium> World::codes() {
    return {{"fusion", "fusion code of a holder, made now"},
            {"transit", "transit code of a new account, made now"},
            {"again", "the transit code shown last, once more"},
            {"expired", "transit code made an hour ago"},
            {"tampered", "transit code with one bit turned over"}};
}

Result<std::shared_ptr<sim::CardSoftware>> World::card(const std::string& name) const {
    const auto found = cards_.find(name);
    if (found == cards_.end())
        return fail(Reason::input_malformed, "no card '" + name + "' in this world");
    return found->second;
}

Result<Bytes> World::makeCode(const std::string& name) {
    const auto now = clock_.now().wall;
    if (name == "again")
        return lastTransit_.empty() ? fail(Reason::input_malformed, "no transit code was shown yet")
                                    : Result<Bytes>(lastTransit_);
    if (name == "fusion") {
        sim::FusionCodeSpec spec;
        const PersonalData<std::string> holder(sim::simulatedNumber(std::chrono::year{1962} / 3 / 8, 200));
        personalData_.push_back(holder.reveal());
        spec.holderReference = qr::holderReference(issuers_.pseudonymKey, holder);
        spec.holderClass = '4';
        return issuers_.codes.fusionCode(spec, now);
    }
    sim::TransitCodeSpec spec;
    const auto account = std::to_string(1'000'000 + ++transitHolders_);
    spec.cardAccount = std::string(20 - account.size(), '0') + account;
    if (name == "transit")
        return issuers_.codes.transitCode(spec, now);
    if (name == "expired")
        return issuers_.codes.transitCode(spec, now - 1h);
    if (name == "tampered") {
        const auto code = issuers_.codes.transitCode(spec, now);
        return code ? Result<Bytes>(sim::tampered(*code, code->size() - 1)) : code;
    }
    return fail(Reason::input_malformed, "no code '" + name + "' in this world");
}

Result<void> World::showCode(const std::string& name) {
    const auto code = makeCode(name);
    if (!code)
        return failWith(code);
    if (name == "transit")
        lastTransit_ = *code;
    const auto symbol = sim::renderSymbol(*code, 1);
    if (!symbol)
        return failWith(symbol);
    const auto number = std::to_string(1'000'000 + ++framesShown_).substr(1);
    return sim::writePng(terminalFolder() / "frames" / (number + ".png"),
                         sim::photograph(*symbol, sim::handHeld(framesShown_)));
}

} // namespace ykt::demo
