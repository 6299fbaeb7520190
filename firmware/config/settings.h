// A terminal's profile (TOML) as typed settings. docs/profiles.md lists every setting with its unit and
// default.
#pragma once

#include "apdu/sam/sam.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "crypto/sm2.h"
#include "drivers/serial/settings.h"
#include "drivers/v4l2/settings.h"
#include "firmware/keys/start_up.h"
#include "firmware/policy/fare.h"
#include "hal/card_reader.h"
#include "qr/code.h"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ykt::firmware::config {

struct TerminalSettings {
    std::string id;     // "NX-BUS-0001": A-Z, 0-9 and '-', at most 32
    std::string region; // six digits of GB/T 2260: where the terminal stands
    std::string place;  // for people: "Line 1, vehicle 64-0117"
    std::string scene;  // "transport"
};

struct ServiceSettings {
    std::string id; // of the catalogue
    // What a medium pays that remembers no rides: service.fare_fen, or the flat or maximum fare of [fare].
    std::uint32_t fareFen = 0;
};

struct CardReaderSettings {
    std::string pcsc;                  // part of the reader's PC/SC name
    std::optional<hal::SlotKind> kind; // none: as the reader's name and attributes tell
    std::string field; // readers of one name share one field: two cards in it are one too many
};

// What the terminal looks for on a card, in this order; the first that the card has is used.
enum class CardApplication { transit_purse, social_security, legacy_uid };

struct CardSettings {
    std::vector<CardApplication> applications{CardApplication::social_security};
    Milliseconds debounce{3000}; // the same card at the same reader sooner than this is one presentation
    Milliseconds recoveryWindow{30000}; // how long a torn debit asks for the same card
    Milliseconds pinEntry{30000};       // how long a holder may take to enter the PIN
    bool sm4 = true;                    // accept SM4 cards by the inferred 16-byte-block rule
    bool lockListedPurses = false;      // lock a purse that is on the revocation list
};

// The issuer's HSM behind the upstream stands in where no SAM is fitted.
struct HsmSettings {
    Milliseconds timeout{1500};
};

struct CodeSettings {
    qr::CodeSettings limits;             // of ages and validities
    std::chrono::seconds sameAccount{2}; // the same account again sooner than this is one presentation
    std::chrono::microseconds frameBudget{15'000}; // for looking for codes in one frame
};

// Who says whether a code holds that no terminal can prove, behind the upstream.
struct OnlineVerifierSettings {
    Milliseconds timeout{800};
    std::string businessType{"02"}; // busiType: 01 enquiry, 02 payment, 03 other, 04 treatment elsewhere
};

// What a ride is recorded with, besides its price.
struct RideSettings {
    policy::FareRules fare;
    policy::Position position;
    std::uint16_t city = 0;         // BCD, of the acquirer
    std::uint16_t operatorCode = 0; // BCD
    ByteArray<8> acquirer{};        // institution
    ByteArray<8> vehicle{};
};

struct FolderCameraSettings {
    std::filesystem::path path;
};
using CameraSettings = std::variant<FolderCameraSettings, drivers::v4l2::Settings>;
using ScannerSettings = drivers::serial::Settings;

struct ActuatorSettings { // of the driver "simulated", the only one so far
    std::filesystem::path log;
};

struct StoreSettings {
    std::filesystem::path path;
};

struct UpstreamSettings {
    enum class Kind { https, mqtt } kind = Kind::https;
    std::string host; // empty: mqtt, and nothing asks over HTTPS
    std::uint16_t port = 443;
    std::vector<std::pair<std::string, std::uint16_t>> brokers; // mqtt: hosts and ports
    enum class SettleOn { receipt, puback } settleOn = SettleOn::receipt;
    std::string receiptSigner;  // mqtt: common name of who signs receipts; empty: they are not signed
    std::string caPem;          // the only CAs that the back office may chain to
    std::string terminalCaPem;  // the only CAs that a renewed certificate of the terminal may chain to
    std::string certificatePem; // the terminal's own, as it was given; empty: it keeps one already
    Secret keyPem;
};

struct Settings {
    TerminalSettings terminal;
    ServiceSettings service;
    std::vector<CardReaderSettings> cardReaders;
    std::optional<std::string> samReader; // part of the PC/SC name
    apdu::sam::SamKeyReferences samKeys;
    CardSettings cards;
    std::optional<HsmSettings> hsm; // none: no remote step
    CodeSettings codes;
    std::optional<OnlineVerifierSettings> onlineVerifier; // none: such codes are never verified online
    RideSettings ride;
    std::vector<CameraSettings> cameras;
    std::vector<ScannerSettings> scanners;
    ActuatorSettings actuators;
    StoreSettings store;
    keys::KeySettings keys;
    UpstreamSettings upstream;
    crypto::Sm2PublicKey bulletinPublisher;
    Secret pseudonymKey; // 32 bytes
    std::filesystem::path panelSocket;
};

// Reads the profile and every key file it names; paths are relative to the profile's folder. All errors at
// once, one a line, as "file:line: setting: what is wrong; remedy". Errors: config_unreadable (the profile),
// config_syntax, config_value (also for key files that are missing, malformed or readable by others).
Result<Settings> load(const std::filesystem::path& profile);

} // namespace ykt::firmware::config
