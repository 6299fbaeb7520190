#include "offline_store/claims.h"

namespace ykt::offline_store {

namespace {

// Numbered parameters 1 and 2: now, and the latest moment at which a claim can have been made. An interval
// that began later was measured by a clock that has been set back since, and tells nothing.
constexpr auto taken = "(claim.once = 1 OR (claim.until_ms > ?1 AND claim.made_ms <= ?2))";

// A step back that setting a clock right may take.
constexpr std::chrono::seconds clockCorrection{5};

constexpr std::chrono::days intervalsKept{1};
constexpr std::chrono::days onceKept{7};

void bindNow(SQLite::Statement& statement, WallTime now) {
    statement.bind(1, unixMilliseconds(now));
    statement.bind(2, unixMilliseconds(now + clockCorrection));
}

void forgetEnded(Connection& connection, bool once, WallTime before) {
    SQLite::Statement forget(connection, "DELETE FROM claim WHERE once = ? AND until_ms <= ?");
    forget.bind(1, once ? 1 : 0);
    forget.bind(2, unixMilliseconds(before));
    forget.exec();
}

} // namespace

Result<void> takeClaims(Connection& connection, const std::vector<Claim>& claims, WallTime now) {
    if (claims.empty())
        return {};
    static const auto sql = std::string("INSERT INTO claim (key, once, made_ms, until_ms) "
                                        "VALUES (?3, ?4, ?1, ?5) ON CONFLICT (key) DO UPDATE SET "
                                        "once = excluded.once, made_ms = excluded.made_ms, "
                                        "until_ms = excluded.until_ms WHERE NOT ") +
                            taken;
    auto take = connection.prepared(sql);
    for (const auto& claim : claims) {
        bindNow(*take, now);
        bindBlob(*take, 3, claim.key);
        take->bind(4, isForOnce(claim) ? 1 : 0);
        take->bind(5, unixMilliseconds(claim.until));
        if (take->exec() == 0)
            return fail(claim.refusal);
        take->reset();
    }
    return {};
}

bool isClaimTaken(Connection& connection, const ByteArray<32>& key, WallTime now) {
    static const auto sql = std::string("SELECT 1 FROM claim WHERE key = ?3 AND ") + taken;
    auto row = connection.prepared(sql);
    bindNow(*row, now);
    bindBlob(*row, 3, key);
    return row->executeStep();
}

void freeClaim(Connection& connection, const Claim& claim) {
    SQLite::Statement free(connection, "DELETE FROM claim WHERE key = ? AND until_ms = ?");
    bindBlob(free, 1, claim.key);
    free.bind(2, unixMilliseconds(claim.until));
    free.exec();
}

void pruneClaims(Connection& connection, const Instant& now, std::uint64_t most) {
    forgetEnded(connection, false, now.wall - intervalsKept);
    if (now.trust == TimeTrust::synced)
        forgetEnded(connection, true, now.wall - onceKept);
    const auto excess =
        connection.execAndGet("SELECT count(*) FROM claim").getInt64() - static_cast<std::int64_t>(most);
    if (excess <= 0)
        return;
    SQLite::Statement forget(connection, "DELETE FROM claim WHERE key IN "
                                         "(SELECT key FROM claim ORDER BY once, until_ms LIMIT ?)");
    forget.bind(1, excess);
    forget.exec();
}

} // namespace ykt::offline_store
