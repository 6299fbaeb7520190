#include "tools/demo/world.h"

#include "base/hex.h"
#include "crypto/random.h"
#include "qr/fusion_code.h"
#include "sim/scene/presets.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ykt::demo {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::string_view terminalId = "NX-BUS-0001"; // of firmware/profiles/bus.toml
constexpr std::string_view upstreamUrl = "https://localhost:8443";

Result<std::string> readText(const fs::path& file) {
    std::ifstream in(file);
    if (!in)
        return fail(Reason::config_unreadable, file.string());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

Result<void> writeHexKey(const fs::path& file, const Secret& key) {
    return sim::writePrivateFile(file, asBytes(toHex(key.reveal())));
}

// What this world's operator chose and the shipped catalogue does not: old cards ride (a number proves
// nothing, so the service must then ask for no more than `presented` of anything; with a SAM in its slot this
// terminal authenticates whatever can be), emergency codes ride, and an electronic card that nobody can
// verify rides on trust, once a day on this terminal.
Result<std::string> withThisWorldsRides(const std::string& catalogue) {
    auto body = nlohmann::json::parse(catalogue, nullptr, false);
    for (auto& service : body.is_object() ? body["services"] : body) {
        if (service.value("id", "") != "bus.ride")
            continue;
        service["media"].push_back("legacy_card");
        service["minimum_assurance"] = "presented";
        service["emergency_codes"] = true;
        service["offline"]["unverified_codes"] = {{"defer", {{"per_subject", 1}, {"per_terminal", 1}}}};
        return body.dump();
    }
    return fail(Reason::config_value, "the catalogue has no bus.ride that this world could amend");
}

// How the phone is held, by the code's name: by hand, or as badly as it gets.
sim::SceneSettings sceneFor(const std::string& name, std::uint64_t seed) {
    if (name == "hard")
        return sim::sceneOf(sim::Preset::hard, seed);
    auto scene = sim::handHeld(seed);
    scene.inverted = name == "dark";
    return scene;
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

Result<void> World::startBackOffice() {
    auto identity = issuers_.pki.serverIdentity();
    if (!identity)
        return failWith(identity);
    sim::BackOfficeOptions options;
    options.ledgerFile = folder_ / "ledger.db";
    options.caPem = issuers_.pki.caPem();
    options.identity = std::move(*identity);
    options.sign = [this](const crypto::SigningRequest& request) { return issuers_.pki.sign(request); };
    options.prove = [this](const apdu::social_security::ProofRequest& request) {
        return issuers_.cards.prove(request);
    };
    options.tacIsRight = [this](const sim::PurchaseClaim& claim) { return issuers_.cards.tacIsRight(claim); };
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
    auto kek = crypto::randomSecret(32);
    if (!identity || !kek)
        return fail(Reason::crypto_failed, "making the terminal's keys");
    for (const auto& done :
         {sim::writePrivateFile(profile(), asBytes(*text)),
          sim::writePrivateFile(keys / "upstream-ca.crt", asBytes(issuers_.pki.caPem())),
          sim::writeIdentity(keys, "terminal", *identity), writeHexKey(keys / "kek.key", *kek),
          writeHexKey(keys / "pseudonym.key", issuers_.pseudonymKey),
          sim::writePrivateFile(keys / "publisher.pub",
                                asBytes(toHex(issuers_.bulletins.publicKey().uncompressed())))})
        if (!done)
            return done;
    return {};
}

Result<void> World::publishBulletins(const fs::path& profiles) {
    const auto shipped = readText(profiles / "catalogue.json");
    if (!shipped)
        return failWith(shipped);
    const auto catalogue = withThisWorldsRides(*shipped);
    if (!catalogue)
        return failWith(catalogue);
    const auto revocation = revocationBody();
    if (!revocation)
        return failWith(revocation);
    for (const auto& done :
         {publish("catalogue", *catalogue), publish("revocation", *revocation),
          publish("trust_anchors", issuers_.codes.anchorsBody()), publish("legacy_map", legacyMapBody())})
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

std::vector<Medium> World::codes() {
    return {{"fusion", "fusion code of a holder, made now"},
            {"transit", "transit code of a new account, made now"},
            {"again", "the transit code shown last, once more"},
            {"expired", "transit code made an hour ago"},
            {"tampered", "transit code with one bit turned over"},
            {"hard", "transit code, held badly: turned, blurred, noisy, with glare"},
            {"dark", "transit code on a screen in dark mode"},
            {"emergency", "emergency fusion code of another holder, good for hours"},
            {"electronic", "electronic card code of a holder, which only the back office can verify"},
            {"poster", "a web address, which is no code of this programme"}};
}

// The simulated holders whose apps make fusion codes.
Result<Bytes> World::fusionCodeOf(unsigned holderNumber, qr::FusionForm form) {
    const auto now = clock_.now().wall;
    const PersonalData<std::string> holder(
        sim::simulatedNumber(std::chrono::year{1962} / 3 / 8, holderNumber));
    personalData_.push_back(holder.reveal());
    sim::FusionCodeSpec spec;
    spec.form = form;
    spec.holderReference = qr::holderReference(issuers_.pseudonymKey, holder);
    spec.programmeKey = issuers_.pseudonymKey.clone();
    spec.holderClass = '4';
    spec.validity = form == qr::FusionForm::emergency ? 12h : 5min;
    spec.authorised = started_; // when the app was last online
    return issuers_.codes.fusionCode(spec, now);
}

Result<Bytes> World::transitCodeMade(std::chrono::seconds ago) {
    sim::TransitCodeSpec spec;
    const auto account = std::to_string(1'000'000 + ++transitHolders_);
    spec.cardAccount = std::string(20 - account.size(), '0') + account;
    return issuers_.codes.transitCode(spec, clock_.now().wall - ago);
}

Result<Bytes> World::makeCode(const std::string& name) {
    if (name == "again")
        return lastTransit_.empty() ? fail(Reason::input_malformed, "no transit code was shown yet")
                                    : Result<Bytes>(lastTransit_);
    if (name == "fusion")
        return fusionCodeOf(200, qr::FusionForm::offline);
    if (name == "emergency")
        return fusionCodeOf(201, qr::FusionForm::emergency);
    if (name == "electronic") {
        const auto card = "ESSC" + std::to_string(1'000'000 + ++electronicHolders_);
        const auto token = backOffice_->tokens().issue(card);
        personalData_.push_back(card);
        personalData_.push_back(token);
        return toBytes(token);
    }
    if (name == "poster")
        return toBytes("https://example.org/timetable");
    if (name == "transit" || name == "hard" || name == "dark")
        return transitCodeMade(0s);
    if (name == "expired")
        return transitCodeMade(1h);
    if (name == "tampered") {
        const auto code = transitCodeMade(0s);
        return code ? Result<Bytes>(sim::tampered(*code, code->size() - 1)) : code;
    }
    return fail(Reason::input_malformed, "no code '" + name + "' in this world");
}

Result<void> World::showCode(const std::string& name) {
    auto code = makeCode(name);
    if (!code)
        return failWith(code);
    if (name == "transit")
        lastTransit_ = *code;
    shown_ = {name, std::move(*code)};
    return photographShown();
}

void World::takePhonesAway() const {
    for (const auto& frame : std::filesystem::directory_iterator(terminalFolder() / "frames"))
        std::filesystem::remove(frame.path());
}

Result<void> World::photographShown() {
    const auto symbol = sim::renderSymbol(shown_.payload, 1);
    if (!symbol)
        return failWith(symbol);
    const auto number = std::to_string(1'000'000 + ++framesShown_).substr(1);
    return sim::writePng(terminalFolder() / "frames" / (number + ".png"),
                         sim::photograph(*symbol, sceneFor(shown_.name, framesShown_)));
}

} // namespace ykt::demo
