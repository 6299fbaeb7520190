// What is counted by day. Called under the store's mutex. All may throw SQLite::Exception.
#pragma once

#include "offline_store/database.h"
#include "offline_store/store.h"

namespace ykt::offline_store {

// One more on the day of `now`; call it inside the transaction of the record that is counted.
void countTally(Connection& connection, const std::string& name, WallTime now);
std::vector<Store::Tally> listTallies(Connection& connection, unsigned days);

} // namespace ykt::offline_store
