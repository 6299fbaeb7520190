#include "offline_store/guard_file.h"

#include "offline_store/durable_file.h"

#include <nlohmann/json.hpp>

namespace ykt::offline_store {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t mostBytes = 16'777'216; // of a file that is read at all

fs::path fileOf(const fs::path& database) {
    return database.string() + ".guard";
}

std::string boundTo(const std::string& terminal) {
    return "ykt-guard-1 " + terminal;
}

std::optional<Guard> parse(ByteView text) {
    try {
        const auto object = json::parse(text.begin(), text.end());
        return Guard{object.at("locked").get<bool>(), object.at("directives").get<std::set<std::string>>(),
                     object.at("versions").get<std::map<std::string, std::uint64_t>>()};
    } catch (const json::exception&) {
        return std::nullopt; // of a later program: as if it did not open
    }
}

void raiseFloors(Connection& connection, const Guard& guard) {
    SQLite::Statement floor(connection,
                            "INSERT INTO bulletin_floor (kind, version) VALUES (?1, ?2) ON CONFLICT (kind) "
                            "DO UPDATE SET version = max(version, excluded.version)");
    for (const auto& [kind, version] : guard.versions) {
        floor.bind(1, kind);
        floor.bind(2, static_cast<std::int64_t>(version));
        floor.exec();
        floor.reset();
    }
}

} // namespace

std::optional<Guard> readGuard(const fs::path& database, const std::string& terminal, const KeyRing& keys) {
    const auto size = sizeOf(fileOf(database));
    const auto file = openToRead(fileOf(database));
    if (!file || size > mostBytes)
        return std::nullopt;
    Bytes sealed(size);
    if (!readAt(*file, 0, sealed))
        return std::nullopt;
    const auto plain = keys.unseal(sealed, asBytes(boundTo(terminal)));
    return plain ? parse(plain->reveal()) : std::nullopt;
}

Result<void> writeGuard(const fs::path& database, const std::string& terminal, const KeyRing& keys,
                        const Guard& guard) {
    const auto text =
        json{{"locked", guard.locked}, {"directives", guard.directives}, {"versions", guard.versions}}.dump();
    const auto sealed = keys.seal(asBytes(text), asBytes(boundTo(terminal)));
    if (!sealed)
        return failWith(sealed);
    return replaceDurably(fileOf(database), *sealed);
}

void setLocked(Connection& connection, bool locked) {
    setSetting(connection, "locked", [&](auto& insert) { insert.bind(2, locked ? 1 : 0); });
}

Guard guardOf(Connection& connection) {
    Guard guard;
    SQLite::Statement locked(connection, "SELECT value FROM setting WHERE name = 'locked'");
    guard.locked = locked.executeStep() && locked.getColumn(0).getInt() != 0;
    SQLite::Statement directives(connection, "SELECT id FROM directive");
    while (directives.executeStep())
        guard.directives.insert(directives.getColumn(0).getString());
    SQLite::Statement versions(connection,
                               "SELECT kind, max(version) FROM (SELECT kind, version FROM bulletin UNION ALL "
                               "SELECT kind, version FROM bulletin_floor) GROUP BY kind");
    while (versions.executeStep())
        guard.versions.emplace(versions.getColumn(0).getString(),
                               static_cast<std::uint64_t>(versions.getColumn(1).getInt64()));
    return guard;
}

void beginWith(Connection& connection, const std::optional<Guard>& guard) {
    setLocked(connection, !guard || guard->locked);
    if (!guard)
        return;
    SQLite::Statement done(connection, "INSERT INTO directive (id, done_ms) VALUES (?, 0)");
    for (const auto& id : guard->directives) {
        done.bind(1, id);
        done.exec();
        done.reset();
    }
    raiseFloors(connection, *guard);
}

void adopt(Connection& connection, const Guard& guard) {
    if (guard.locked)
        setLocked(connection, true);
    raiseFloors(connection, guard);
}

} // namespace ykt::offline_store
