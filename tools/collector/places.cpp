#include "tools/collector/places.h"

#include "collector/postgresql_ledger.h"
#include "collector/sqlite_ledger.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ykt::tools {

namespace {

constexpr std::string_view sqlite = "sqlite:";
constexpr std::string_view postgresql = "postgresql:";

template <typename Opened>
Result<std::unique_ptr<collector::Ledger>> asLedger(Result<std::unique_ptr<Opened>> opened) {
    if (!opened)
        return failWith(opened);
    return std::unique_ptr<collector::Ledger>(std::move(*opened));
}

} // namespace

Result<std::unique_ptr<collector::Ledger>> openLedger(const std::string& place, Missing missing,
                                                      const hal::Clock& clock) {
    if (place.starts_with(sqlite)) {
        const auto file = place.substr(sqlite.size());
        if (missing == Missing::is_an_error && !std::filesystem::exists(file))
            return fail(Reason::config_unreadable, "ledger: " + file);
        return asLedger(collector::SqliteLedger::open(file, clock));
    }
    if (place.starts_with("postgresql://"))
        return asLedger(collector::PostgresqlLedger::open(place, clock));
    if (place.starts_with(postgresql))
        return asLedger(collector::PostgresqlLedger::open(place.substr(postgresql.size()), clock));
    return fail(Reason::config_value, "ledger: sqlite:PATH or postgresql:PARAMETERS");
}

Result<collector::NatsServer> parseAddress(const std::string& text) {
    const auto colon = text.rfind(':');
    collector::NatsServer address{text.substr(0, colon), 0};
    const auto digits = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (address.host.empty() || error != std::errc() || end != digits.data() + digits.size())
        return fail(Reason::config_value, text + " is not HOST:PORT");
    return address;
}

Result<std::string> readFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream content;
    if (!file || !(content << file.rdbuf()))
        return fail(Reason::config_unreadable, path);
    return content.str();
}

} // namespace ykt::tools
