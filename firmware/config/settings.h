// A terminal's profile (TOML) as typed settings. docs/profiles.md lists every setting with its unit and
// default.
#pragma once

#include "apdu/sam/sam.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/sm2.h"
#include "hal/card_reader.h"

#include <filesystem>
#include <optional>
#include <string>
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
    std::uint32_t fareFen = 0;
};

struct CardReaderSettings {
    std::string pcsc; // part of the reader's PC/SC name
    hal::SlotKind kind = hal::SlotKind::contactless;
};

struct CameraSettings {
    enum class Driver { folder } driver = Driver::folder;
    std::filesystem::path path;
};

struct ActuatorSettings {
    enum class Driver { simulated } driver = Driver::simulated;
    std::filesystem::path log;
};

struct StoreSettings {
    std::filesystem::path path;
    Secret dataKey; // 32 bytes
};

struct UpstreamSettings {
    std::string host;
    std::uint16_t port = 443;
    std::string caPem;          // the only CA that the back office may chain to
    std::string certificatePem; // the terminal's own
    Secret keyPem;
};

struct Settings {
    TerminalSettings terminal;
    ServiceSettings service;
    std::vector<CardReaderSettings> cardReaders;
    std::optional<std::string> samReader; // part of the PC/SC name
    apdu::sam::SamKeyReferences samKeys;
    std::vector<CameraSettings> cameras;
    ActuatorSettings actuators;
    StoreSettings store;
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
