// Keys that may not be claimed twice within their time. Called under the store's mutex, and inside the
// transaction of the record that claims. All may throw SQLite::Exception.
#pragma once

#include "offline_store/database.h"
#include "offline_store/record.h"

namespace ykt::offline_store {

// Errors: the refusal of the first claim whose key is taken at `now`.
Result<void> takeClaims(Connection& connection, const std::vector<Claim>& claims, WallTime now);
bool isClaimTaken(Connection& connection, const ByteArray<32>& key, WallTime now);
// Forgets a claim, unless somebody has claimed the key anew since it ended.
void freeClaim(Connection& connection, const Claim& claim);
// Forgets claims that ended more than a day before `now`: a clock that is set back by less finds them all.
void pruneClaims(Connection& connection, WallTime now);

} // namespace ykt::offline_store
