// Keys that may not be claimed twice. Called under the store's mutex, and inside the transaction of the
// record that claims. All may throw SQLite::Exception.
#pragma once

#include "offline_store/database.h"
#include "offline_store/record.h"

namespace ykt::offline_store {

// Errors: the refusal of the first claim whose key is taken at `now`.
Result<void> takeClaims(Connection& connection, const std::vector<Claim>& claims, WallTime now);
bool isClaimTaken(Connection& connection, const ByteArray<32>& key, WallTime now);
// Forgets a claim, unless somebody has claimed the key anew since it ended.
void freeClaim(Connection& connection, const Claim& claim);
// Forgets intervals that ended more than a day before `now`, what was for once a week after its end and only
// by a clock that is synced; and, beyond `most` claims, intervals first, and of each kind those with the
// earliest end.
void pruneClaims(Connection& connection, const Instant& now, std::uint64_t most);

} // namespace ykt::offline_store
