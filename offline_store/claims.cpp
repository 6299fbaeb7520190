#include "offline_store/claims.h"

namespace ykt::offline_store {

Result<void> takeClaims(Connection& connection, const std::vector<Claim>& claims, WallTime now) {
    if (claims.empty())
        return {};
    SQLite::Statement take(connection,
                           "INSERT INTO claim (key, until_ms) VALUES (?, ?) ON CONFLICT (key) DO UPDATE "
                           "SET until_ms = excluded.until_ms WHERE claim.until_ms <= ?");
    for (const auto& claim : claims) {
        bindBlob(take, 1, claim.key);
        take.bind(2, unixMilliseconds(claim.until));
        take.bind(3, unixMilliseconds(now));
        if (take.exec() == 0)
            return fail(claim.refusal);
        take.reset();
    }
    return {};
}

bool isClaimTaken(Connection& connection, const ByteArray<32>& key, WallTime now) {
    SQLite::Statement row(connection, "SELECT 1 FROM claim WHERE key = ? AND until_ms > ?");
    bindBlob(row, 1, key);
    row.bind(2, unixMilliseconds(now));
    return row.executeStep();
}

void freeClaim(Connection& connection, const Claim& claim) {
    SQLite::Statement free(connection, "DELETE FROM claim WHERE key = ? AND until_ms = ?");
    bindBlob(free, 1, claim.key);
    free.bind(2, unixMilliseconds(claim.until));
    free.exec();
}

void pruneClaims(Connection& connection, WallTime now) {
    SQLite::Statement prune(connection, "DELETE FROM claim WHERE until_ms <= ?");
    prune.bind(1, unixMilliseconds(now - std::chrono::days{1}));
    prune.exec();
}

} // namespace ykt::offline_store
