#include "offline_store/bulletins.h"

#include "base/hex.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace ykt::offline_store {

namespace {

// Their bodies are firmware's to read; here they need only be objects, which openBulletin has seen to.
constexpr std::array<std::string_view, 5> firmwareKinds{"catalogue", "legacy_map", "region_rules",
                                                        "fare_tables", "directives"};

// One {"format", "index", "public_key"}: the CA key of a code format, index as two hex digits.
bool isTrustAnchor(const nlohmann::json& anchor) {
    if (!anchor.is_object())
        return false;
    const auto format = anchor.value("format", nlohmann::json());
    const auto index = anchor.value("index", nlohmann::json());
    const auto key = anchor.value("public_key", nlohmann::json());
    if (!index.is_string() || !key.is_string() || (format != "transit_code" && format != "fusion_code"))
        return false;
    const auto indexByte = fromHex(index.get_ref<const std::string&>());
    const auto point = fromHex(key.get_ref<const std::string&>());
    return indexByte && indexByte->size() == 1 && point && crypto::Sm2PublicKey::fromPoint(*point);
}

Result<void> checkTrustAnchors(std::string_view body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    const auto keys = json.is_object() ? json.value("ca_keys", nlohmann::json()) : nlohmann::json();
    if (!keys.is_array())
        return fail(Reason::bulletin_malformed, "trust_anchors: ca_keys");
    for (const auto& anchor : keys)
        if (!isTrustAnchor(anchor))
            return fail(Reason::bulletin_malformed, "trust_anchors: format, index or public_key");
    return {};
}

} // namespace

Result<void> checkBulletin(const Bulletin& bulletin, WallTime now) {
    if (now < bulletin.notBefore || bulletin.notAfter <= now)
        return fail(Reason::bulletin_out_of_date, bulletin.kind);
    if (std::find(firmwareKinds.begin(), firmwareKinds.end(), bulletin.kind) != firmwareKinds.end())
        return {};
    if (bulletin.kind == "trust_anchors")
        return checkTrustAnchors(bulletin.body);
    if (bulletin.kind == revocationKind)
        return {};
    return fail(Reason::bulletin_malformed, "unknown kind");
}

Result<void> replaceBulletin(Connection& connection, const Bulletin& bulletin, bool same) {
    SQLite::Statement floor(connection, "SELECT 1 FROM bulletin_floor WHERE kind = ? AND version > ?");
    floor.bind(1, bulletin.kind);
    floor.bind(2, static_cast<std::int64_t>(bulletin.version));
    if (floor.executeStep())
        return fail(Reason::bulletin_not_newer, bulletin.kind + " " + std::to_string(bulletin.version));
    SQLite::Statement replace(
        connection,
        "INSERT INTO bulletin (kind, version, not_before_s, not_after_s, body, installed_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (kind) DO UPDATE SET version = excluded.version, "
        "not_before_s = excluded.not_before_s, not_after_s = excluded.not_after_s, "
        "body = excluded.body, installed_ms = excluded.installed_ms "
        "WHERE bulletin.version < excluded.version OR (?7 AND bulletin.version = excluded.version)");
    replace.bind(1, bulletin.kind);
    replace.bind(2, static_cast<std::int64_t>(bulletin.version));
    replace.bind(3, unixSeconds(bulletin.notBefore));
    replace.bind(4, unixSeconds(bulletin.notAfter));
    replace.bind(5, bulletin.body);
    replace.bind(6, unixMilliseconds(bulletin.installed));
    replace.bind(7, same ? 1 : 0);
    if (replace.exec() == 0)
        return fail(Reason::bulletin_not_newer, bulletin.kind + " " + std::to_string(bulletin.version));
    return {};
}

std::optional<Bulletin> findBulletin(Connection& connection, std::string_view kind) {
    SQLite::Statement row(connection, "SELECT version, not_before_s, not_after_s, body, installed_ms "
                                      "FROM bulletin WHERE kind = ?");
    row.bind(1, std::string(kind));
    if (!row.executeStep())
        return std::nullopt;
    Bulletin bulletin;
    bulletin.kind = kind;
    bulletin.version = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
    bulletin.notBefore = wallFromUnixSeconds(row.getColumn(1).getInt64());
    bulletin.notAfter = wallFromUnixSeconds(row.getColumn(2).getInt64());
    bulletin.body = row.getColumn(3).getString();
    bulletin.installed = wallFromUnixMilliseconds(row.getColumn(4).getInt64());
    return bulletin;
}

std::map<std::string, Confirmation, std::less<>> loadConfirmations(Connection& connection) {
    std::map<std::string, Confirmation, std::less<>> confirmations;
    SQLite::Statement rows(connection, "SELECT kind, confirmed_ms FROM confirmation");
    while (rows.executeStep()) {
        const auto at = wallFromUnixMilliseconds(rows.getColumn(1).getInt64());
        confirmations.emplace(rows.getColumn(0).getString(), Confirmation{at, at});
    }
    return confirmations;
}

void storeConfirmation(Connection& connection, std::string_view kind, WallTime at) {
    SQLite::Statement row(connection,
                          "INSERT OR REPLACE INTO confirmation (kind, confirmed_ms) VALUES (?, ?)");
    row.bind(1, std::string(kind));
    row.bind(2, unixMilliseconds(at));
    row.exec();
}

} // namespace ykt::offline_store
