#include "firmware/keys/kek_source.h"

#include "drivers/system/key_file.h"
#include "firmware/config/key_file.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace ykt::firmware::keys {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t shortestPassphrase = 12; // bytes

// A final line end belongs to the file and not to the words.
Result<KekSource> passphraseFrom(Result<Secret> content, const fs::path& path) {
    if (!content)
        return failWith(content);
    const auto bytes = content->reveal();
    const auto end = std::ranges::find_if(bytes, [](auto byte) { return byte == '\n' || byte == '\r'; });
    auto words = Secret::copyOf({bytes.begin(), end});
    if (words.size() < shortestPassphrase)
        return fail(Reason::config_value,
                    path.string() + ": a passphrase of under 12 bytes; take six words or more");
    return KekSource{KekPassphrase{std::move(words)}};
}

Result<KekSource> fromFile(const fs::path& path) {
    auto key = config::readSymmetricKey(path);
    if (!key)
        return failWith(key);
    return KekSource{KekFile{std::move(*key)}};
}

// systemd has made the folder for this service alone, so the file's mode says nothing.
Result<KekSource> fromCredential(const std::string& name) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr || name.find('/') != std::string::npos)
        return fail(Reason::config_value,
                    "no credential " + name + " from systemd; give LoadCredential= in the service's unit");
    const auto path = fs::path(folder) / name;
    auto bytes = drivers::readFile(path);
    return passphraseFrom(bytes ? Result<Secret>(Secret(std::move(*bytes))) : failWith(bytes), path);
}

} // namespace

Result<KekSource> readKekSource(std::string_view text, const fs::path& folder) {
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon);
    const std::string rest(colon == std::string_view::npos ? "" : text.substr(colon + 1));
    if (!rest.empty()) {
        if (kind == "file")
            return fromFile(folder / rest);
        if (kind == "tpm")
            return KekSource{KekTpm{rest}};
        if (kind == "passphrase")
            return passphraseFrom(drivers::readKeyFile(folder / rest), folder / rest);
        if (kind == "credential")
            return fromCredential(rest);
    }
    return fail(Reason::config_value,
                "not a source of a key; give file:PATH, tpm:TCTI, passphrase:PATH or credential:NAME");
}

std::string_view kindOf(const KekSource& source) {
    static constexpr std::array<std::string_view, 3> names{"file", "tpm", "passphrase"};
    return names[source.index()];
}

} // namespace ykt::firmware::keys
