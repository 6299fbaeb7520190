#include "firmware/config/settings.h"

#include "base/hex.h"
#include "crypto/certificate.h"
#include "crypto/p256.h"
#include "drivers/system/key_file.h"
#include "firmware/config/card_settings.h"
#include "firmware/config/code_settings.h"
#include "firmware/config/device_settings.h"
#include "firmware/config/forms.h"
#include "firmware/config/key_file.h"
#include "firmware/config/ride_settings.h"
#include "firmware/config/table_reader.h"

#include <algorithm>
#include <sys/un.h>
#include <tuple>

namespace ykt::firmware::config {
namespace {

TerminalSettings readTerminal(TableReader table) {
    TerminalSettings terminal{table.text("id", forms::terminalId), table.text("region", forms::region),
                              table.text("place", forms::forPeople), table.text("scene", forms::identifier)};
    table.close();
    return terminal;
}

ActuatorSettings readActuators(TableReader table) {
    ActuatorSettings actuators;
    table.text("driver", forms::actuatorDriver);
    actuators.log = table.path("log");
    table.close();
    return actuators;
}

// The value of a file, or a complaint about the setting that names it.
template <typename T>
std::optional<T> readNamed(TableReader& table, const std::string& key,
                           Result<T> (*read)(const std::filesystem::path&)) {
    const auto path = table.path(key);
    if (path.empty())
        return std::nullopt;
    auto value = read(path);
    if (!value) {
        table.complain(key, value.error().context);
        return std::nullopt;
    }
    return std::move(*value);
}

Result<std::string> readCertificateFile(const std::filesystem::path& path) {
    const auto bytes = drivers::readFile(path);
    if (!bytes)
        return failWith(bytes);
    auto pem = toText(*bytes);
    if (!crypto::readCertificate(pem))
        return fail(Reason::config_value, path.string() + ": not a certificate; give X.509 as PEM");
    return pem;
}

Result<std::string> readAuthoritiesFile(const std::filesystem::path& path) {
    const auto bytes = drivers::readFile(path);
    if (!bytes)
        return failWith(bytes);
    auto pem = toText(*bytes);
    if (!crypto::areAuthorities(pem))
        return fail(Reason::config_value,
                    path.string() + ": not certificates of authorities; give X.509 as PEM");
    return pem;
}

Result<Secret> readPrivateKeyFile(const std::filesystem::path& path) {
    auto pem = drivers::readKeyFile(path);
    if (pem && !crypto::P256PrivateKey::fromPem(*pem))
        return fail(Reason::config_value, path.string() + ": not a private key; give a P-256 key as PEM");
    return pem;
}

Result<crypto::Sm2PublicKey> readPublicKeyFile(const std::filesystem::path& path) {
    const auto text = drivers::readFile(path);
    if (!text)
        return failWith(text);
    if (const auto point = fromHex(toText(*text)))
        if (auto key = crypto::Sm2PublicKey::fromPoint(*point))
            return key;
    return fail(Reason::config_value,
                path.string() + ": not an SM2 public key; give its point, 33 or 65 bytes in hexadecimal");
}

StoreSettings readStore(TableReader table) {
    StoreSettings store;
    store.path = table.path("path");
    table.close();
    return store;
}

void readBrokers(TableReader& table, UpstreamSettings& upstream) {
    upstream.kind = UpstreamSettings::Kind::mqtt;
    for (const auto& url : table.texts("brokers", forms::brokerUrl))
        upstream.brokers.push_back(*forms::splitBrokerUrl(url));
    if (table.given("settle_on") && table.text("settle_on", forms::settleOn) == "puback")
        upstream.settleOn = UpstreamSettings::SettleOn::puback;
    if (table.given("receipts_signed_by"))
        upstream.receiptSigner = table.text("receipts_signed_by", forms::forPeople);
}

keys::KeySettings readKeys(TableReader table, const std::filesystem::path& folder) {
    keys::KeySettings settings;
    settings.file = table.path("file");
    if (const auto text = table.text("kek", forms::forPeople); !text.empty()) {
        if (auto kek = keys::readKekSource(text, folder))
            settings.kek = std::move(*kek);
        else
            table.complain("kek", kek.error().context);
    }
    table.close();
    return settings;
}

UpstreamSettings readUpstream(TableReader table) {
    UpstreamSettings upstream;
    if (table.given("kind") && table.text("kind", forms::upstreamKind) == "mqtt")
        readBrokers(table, upstream);
    if (upstream.kind == UpstreamSettings::Kind::https || table.given("url"))
        if (const auto url = table.text("url", forms::httpsUrl); !url.empty())
            std::tie(upstream.host, upstream.port) = *forms::splitHttpsUrl(url);
    upstream.caPem = readNamed(table, "ca_file", readAuthoritiesFile).value_or("");
    upstream.terminalCaPem = upstream.caPem;
    if (table.given("terminal_ca_file"))
        upstream.terminalCaPem = readNamed(table, "terminal_ca_file", readAuthoritiesFile).value_or("");
    if (table.given("certificate_file") || table.given("key_file")) {
        upstream.certificatePem = readNamed(table, "certificate_file", readCertificateFile).value_or("");
        upstream.keyPem = readNamed(table, "key_file", readPrivateKeyFile).value_or(Secret{});
    }
    table.close();
    return upstream;
}

std::filesystem::path readPanelSocket(TableReader table) {
    auto socket = table.path("socket");
    if (socket.string().size() >= sizeof(sockaddr_un::sun_path))
        table.complain("socket",
                       socket.string() + ": longer than a socket's path may be; put it in a shorter folder");
    table.close();
    return socket;
}

// Everything, or complaints.
std::optional<Settings> readProfile(TableReader root, const std::filesystem::path& folder,
                                    const Complaints& complaints) {
    auto terminal = readTerminal(root.table("terminal"));
    auto [service, ride] = readRides(root);
    auto readers = root.given("readers") ? readReaders(root.table("readers")) : Readers{};
    const auto samKeys =
        root.given("sam_keys") ? readSamKeys(root.table("sam_keys")) : apdu::sam::SamKeyReferences{};
    auto cards = root.given("cards") ? readCards(root.table("cards")) : CardSettings{};
    if (std::ranges::find(cards.applications, CardApplication::transit_purse) != cards.applications.end() &&
        !root.given("ride"))
        root.complain("ride", "missing; a purse's records name it: add it, see docs/profiles.md");
    const auto hsm = root.given("hsm") ? std::optional{readHsm(root.table("hsm"))} : std::nullopt;
    auto codes = root.given("codes") ? readCodes(root.table("codes")) : CodeSettings{};
    auto onlineVerifier = root.given("online_verifier")
                              ? std::optional{readOnlineVerifier(root.table("online_verifier"))}
                              : std::nullopt;
    std::vector<CameraSettings> cameras;
    for (auto& camera : root.tables("cameras"))
        cameras.push_back(readCamera(camera));
    std::vector<ScannerSettings> scanners;
    for (auto& scanner : root.tables("scanners"))
        scanners.push_back(readScanner(scanner));
    if (readers.cards.empty() && cameras.empty() && scanners.empty())
        root.complain("readers",
                      "neither a card reader, a camera nor a scan engine; give readers.card, cameras "
                      "or scanners");
    auto actuators = readActuators(root.table("actuators"));
    auto store = readStore(root.table("store"));
    auto keys = readKeys(root.table("keys"), folder);
    auto upstream = readUpstream(root.table("upstream"));
    if (upstream.kind == UpstreamSettings::Kind::mqtt && upstream.host.empty() && (hsm || onlineVerifier))
        root.complain("upstream", "url is missing; [hsm] and [online_verifier] ask over HTTPS: give it");
    auto bulletins = root.table("bulletins");
    auto publisher = readNamed(bulletins, "publisher_key_file", readPublicKeyFile);
    bulletins.close();
    auto identity = root.table("identity");
    auto pseudonymKey = readNamed(identity, "pseudonym_key_file", readSymmetricKey);
    identity.close();
    auto panelSocket = readPanelSocket(root.table("panel"));
    root.close();
    if (!complaints.none())
        return std::nullopt;
    return Settings{std::move(terminal),
                    std::move(service),
                    std::move(readers.cards),
                    std::move(readers.sam),
                    samKeys,
                    std::move(cards),
                    hsm,
                    std::move(codes),
                    std::move(onlineVerifier),
                    std::move(ride),
                    std::move(cameras),
                    std::move(scanners),
                    std::move(actuators),
                    std::move(store),
                    std::move(keys),
                    std::move(upstream),
                    std::move(*publisher),
                    std::move(*pseudonymKey),
                    std::move(panelSocket)};
}

} // namespace

Result<Settings> load(const std::filesystem::path& profile) {
    const auto text = drivers::readFile(profile);
    if (!text)
        return failWith(text);
    try {
        const auto root = toml::parse(toText(*text), profile.string());
        Complaints complaints(profile.string());
        const auto folder = profile.parent_path();
        if (auto settings = readProfile(TableReader{&root, "", folder, complaints}, folder, complaints))
            return std::move(*settings);
        return tl::unexpected(complaints.fold());
    } catch (const toml::parse_error& error) {
        return fail(Reason::config_syntax, profile.string() + ":" +
                                               std::to_string(error.source().begin.line) + ": " +
                                               std::string(error.description()) + "; mend the TOML there");
    }
}

} // namespace ykt::firmware::config
