// Where the key that encrypts a terminal's keys (KEK) comes from, as a profile or a command line names it.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <filesystem>
#include <string>
#include <variant>

namespace ykt::firmware::keys {

struct KekFile {
    Secret key; // 32 bytes
};
struct KekTpm {
    std::string tcti; // in tpm2-tss's words
};
struct KekPassphrase {
    Secret words;
};
using KekSource = std::variant<KekFile, KekTpm, KekPassphrase>;

// "file:PATH" (32 bytes as 64 hexadecimal digits), "tpm:TCTI" ("tpm:device:/dev/tpmrm0"), "passphrase:PATH"
// (a file's first line), or "credential:NAME" (a passphrase that systemd hands over). Files are read here:
// they belong to us or to root, with mode 0600 or less; paths are relative to `folder`. The context is "what
// is wrong; remedy". Errors: config_value, config_unreadable.
Result<KekSource> readKekSource(std::string_view text, const std::filesystem::path& folder);

// "file", "tpm" or "passphrase".
std::string_view kindOf(const KekSource& source);

} // namespace ykt::firmware::keys
