#include "firmware/config/settings.h"
#include "tests/config/profile_folder.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;

namespace {

using Applications = std::vector<config::CardApplication>;

Result<config::Settings> loadShown(const fs::path& profile) {
    auto settings = config::load(profile);
    INFO((settings ? std::string("loaded") : explain(settings.error())));
    REQUIRE(settings);
    return settings;
}

} // namespace

TEST_CASE("the bus profile loads with every setting") {
    const ProfileFolder folder;
    const auto settings = loadShown(folder.at("bus.toml"));
    CHECK(settings->terminal.id == "NX-BUS-0001");
    CHECK(settings->terminal.region == "640100");
    CHECK(settings->terminal.place == "1路 宁A-00117");
    CHECK(settings->terminal.scene == "transport");
    CHECK(settings->service.id == "bus.ride");
    CHECK(settings->service.fareFen == 200);
    REQUIRE(settings->cardReaders.size() == 1);
    CHECK(settings->cardReaders[0].pcsc == "Virtual PCD 00 00");
    CHECK(settings->cardReaders[0].kind == hal::SlotKind::contactless);
    CHECK(settings->cardReaders[0].field.empty());
    CHECK(settings->samReader == "Virtual PCD 00 01");
    CHECK(settings->cards.applications == Applications{config::CardApplication::transit_purse,
                                                       config::CardApplication::social_security,
                                                       config::CardApplication::legacy_uid});
    CHECK_FALSE(settings->hsm);
    CHECK(settings->samKeys.internalKey.usage == 0x67);
    CHECK(settings->samKeys.internalKey.keyId == 0x08);
    CHECK(settings->samKeys.readingKey.keyId == 0x0A);
    REQUIRE(settings->cameras.size() == 1);
    CHECK(std::get<config::FolderCameraSettings>(settings->cameras[0]).path == folder.at("frames"));
    CHECK(settings->actuators.log == folder.at("state/actuators.log"));
    CHECK(settings->store.path == folder.at("state/ykt.db"));
    CHECK(settings->keys.file == folder.at("state/terminal.keys"));
    CHECK(equalConstantTime(std::get<keys::KekFile>(settings->keys.kek).key.reveal(), folder.kek));
    CHECK(settings->upstream.host == "localhost");
    CHECK(settings->upstream.port == 8443);
    CHECK(settings->upstream.caPem == folder.text("keys/upstream-ca.crt"));
    CHECK(settings->upstream.terminalCaPem == settings->upstream.caPem);
    CHECK(settings->upstream.certificatePem == folder.text("keys/terminal.crt"));
    CHECK(equalConstantTime(settings->upstream.keyPem.reveal(), asBytes(folder.text("keys/terminal.key"))));
    const auto point = settings->bulletinPublisher.compressed();
    CHECK(Bytes(point.begin(), point.end()) == folder.publisherPoint);
    CHECK(settings->pseudonymKey.size() == 32);
    CHECK(settings->panelSocket == folder.at("state/panel.sock"));
}

TEST_CASE("the gate, kiosk and pharmacy profiles load") {
    const ProfileFolder folder;
    const auto gate = loadShown(folder.at("gate.toml"));
    CHECK(gate->service.id == "library.entry");
    CHECK(gate->service.fareFen == 0);
    CHECK(gate->cards.applications ==
          Applications{config::CardApplication::social_security, config::CardApplication::legacy_uid});
    const auto kiosk = loadShown(folder.at("kiosk.toml"));
    CHECK(kiosk->service.id == "hospital.outpatient_registration");
    CHECK(kiosk->cardReaders.at(0).kind == hal::SlotKind::contact);
    const auto pharmacy = loadShown(folder.at("pharmacy.toml"));
    CHECK(pharmacy->service.id == "pharmacy.purchase");
    CHECK(pharmacy->cards.applications == Applications{config::CardApplication::social_security});
    REQUIRE(pharmacy->cardReaders.size() == 2);
    CHECK(pharmacy->cardReaders[1].kind == hal::SlotKind::contactless);
}

TEST_CASE("a terminal may have codes only or cards only, and no SAM") {
    const ProfileFolder folder;
    auto text = folder.text("gate.toml");
    const auto readers = text.find("[readers]");
    const auto cameras = text.find("[[cameras]]");
    const auto actuators = text.find("[actuators]");
    folder.write("codes.toml", text.substr(0, readers) + text.substr(cameras));
    const auto codes = loadShown(folder.at("codes.toml"));
    CHECK(codes->cardReaders.empty());
    CHECK_FALSE(codes->samReader);
    folder.write("cards.toml", text.substr(0, cameras) + text.substr(actuators));
    CHECK(loadShown(folder.at("cards.toml"))->cameras.empty());
}

TEST_CASE("absolute paths stay as they are, and the port of a URL is 443 if it is not told") {
    const ProfileFolder folder;
    folder.change("gate.toml", "\"state/ykt.db\"", "\"/var/lib/ykt/ykt.db\"");
    folder.change("gate.toml", "https://localhost:8443", "https://10.1.2.3");
    const auto settings = loadShown(folder.at("gate.toml"));
    CHECK(settings->store.path == "/var/lib/ykt/ykt.db");
    CHECK(settings->upstream.host == "10.1.2.3");
    CHECK(settings->upstream.port == 443);
}

TEST_CASE("an upstream over MQTT names its brokers, and needs a URL only for what asks over HTTPS") {
    using config::UpstreamSettings;
    const ProfileFolder folder;
    const auto text = folder.text("gate.toml");
    const auto verifier = text.find("[online_verifier]");
    folder.write("gate.toml", text.substr(0, verifier) + text.substr(text.find("[actuators]")));
    folder.change("gate.toml", "url = \"https://localhost:8443\"",
                  "kind = \"mqtt\"\nbrokers = [\"mqtts://a.example:1\", \"mqtts://10.1.2.3\"]");
    const auto settings = loadShown(folder.at("gate.toml"));
    CHECK(settings->upstream.kind == UpstreamSettings::Kind::mqtt);
    CHECK(settings->upstream.settleOn == UpstreamSettings::SettleOn::receipt);
    REQUIRE(settings->upstream.brokers.size() == 2);
    CHECK(settings->upstream.brokers[0] == std::pair{std::string("a.example"), std::uint16_t{1}});
    CHECK(settings->upstream.brokers[1] == std::pair{std::string("10.1.2.3"), std::uint16_t{8883}});
    CHECK(settings->upstream.receiptSigner.empty());
    CHECK(settings->upstream.host.empty());

    folder.change("gate.toml", "kind = \"mqtt\"",
                  "kind = \"mqtt\"\nsettle_on = \"puback\"\nreceipts_signed_by = \"collector\"\n"
                  "url = \"https://localhost\"");
    const auto both = loadShown(folder.at("gate.toml"));
    CHECK(both->upstream.settleOn == UpstreamSettings::SettleOn::puback);
    CHECK(both->upstream.receiptSigner == "collector");
    CHECK(both->upstream.host == "localhost");
}

TEST_CASE("a reader's kind may be left to its name, and readers may share a field") {
    const ProfileFolder folder;
    folder.change("bus.toml", R"(card = [{ pcsc = "Virtual PCD 00 00", kind = "contactless" }])",
                  R"(card = [{ pcsc = "ACR122", field = "door" }, { pcsc = "SCR3310", field = "door" }])");
    const auto settings = loadShown(folder.at("bus.toml"));
    REQUIRE(settings->cardReaders.size() == 2);
    CHECK_FALSE(settings->cardReaders[0].kind);
    CHECK(settings->cardReaders[1].field == "door");
}

TEST_CASE("what is told about cards and the HSM replaces the defaults, one by one") {
    const ProfileFolder folder;
    folder.change("gate.toml", R"(applications = ["social_security", "legacy_uid"])",
                  "debounce_ms = 500\nsm4 = false");
    folder.change("gate.toml", "[[cameras]]", "[hsm]\n\n[[cameras]]");
    auto gate = loadShown(folder.at("gate.toml"));
    CHECK(gate->cards.applications == Applications{config::CardApplication::social_security});
    CHECK(gate->cards.debounce == Milliseconds{500});
    CHECK(gate->cards.recoveryWindow == Milliseconds{30000});
    CHECK_FALSE(gate->cards.sm4);
    CHECK_FALSE(gate->cards.lockListedPurses);
    REQUIRE(gate->hsm);
    CHECK(gate->hsm->timeout == Milliseconds{1500});

    folder.change("gate.toml", "debounce_ms = 500\nsm4 = false",
                  "recovery_window_ms = 20000\npin_entry_ms = 15000\nlock_listed_purses = true");
    folder.change("gate.toml", "[hsm]", "[hsm]\ntimeout_ms = 800");
    gate = loadShown(folder.at("gate.toml"));
    CHECK(gate->cards.debounce == Milliseconds{3000});
    CHECK(gate->cards.recoveryWindow == Milliseconds{20000});
    CHECK(gate->cards.pinEntry == Milliseconds{15000});
    CHECK(gate->cards.sm4);
    CHECK(gate->cards.lockListedPurses);
    CHECK(gate->hsm->timeout == Milliseconds{800});
}
