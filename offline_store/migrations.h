// The numbered steps from an empty file to today's schema; schema.sql is where they end.
#pragma once

#include <span>
#include <string_view>

namespace ykt::offline_store {

// Step n (from 1) brings a database with user_version n-1 to n. A step that was released never changes. Each
// changes a table or an index: so a version is told from one that is a damaged number.
std::span<const std::string_view> migrations();

} // namespace ykt::offline_store
