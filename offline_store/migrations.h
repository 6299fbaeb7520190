// The numbered steps from an empty file to today's schema; schema.sql is where they end.
#pragma once

#include <span>
#include <string_view>

namespace ykt::offline_store {

// Step n (from 1) brings a database with user_version n-1 to n. A step that was released never changes.
std::span<const std::string_view> migrations();

// Of this version and later ones tables and indexes are today's, and of none before: so a version is told
// from one that is a damaged number.
inline constexpr int sameTablesSince = 5;

} // namespace ykt::offline_store
