// What may be done so often in a day. Called under the store's mutex. All may throw SQLite::Exception.
#pragma once

#include "offline_store/database.h"
#include "offline_store/record.h"

namespace ykt::offline_store {

// One more of each on the day of `now`; call it inside the transaction of the record that is counted.
// Errors: the refusal of the first quota whose limit is reached.
Result<void> takeQuotas(Connection& connection, const std::vector<Quota>& quotas, WallTime now);
// Forgets days more than a week before `now`, by a clock that is synced.
void pruneQuotas(Connection& connection, const Instant& now);

} // namespace ykt::offline_store
