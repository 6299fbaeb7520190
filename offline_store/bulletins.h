// The installed bulletins, one of each kind. Called under the store's mutex. All may throw SQLite::Exception.
#pragma once

#include "offline_store/bulletin.h"
#include "offline_store/database.h"

#include <map>
#include <optional>

namespace ykt::offline_store {

constexpr std::string_view revocationKind = "revocation";

// Kind, validity and, but for a revocation list's, body. Errors: bulletin_malformed, bulletin_out_of_date.
Result<void> checkBulletin(const Bulletin& bulletin, WallTime now);
// Replaces the one of its kind, not below the floor; also where the version is the `same` if that is told;
// call it inside a transaction. Errors: bulletin_not_newer.
Result<void> replaceBulletin(Connection& connection, const Bulletin& bulletin, bool same);
std::optional<Bulletin> findBulletin(Connection& connection, std::string_view kind);

// When the back office last said that the installed bulletin of a kind is the newest.
struct Confirmation {
    WallTime at{};
    WallTime durable{}; // what the database has of it
};
std::map<std::string, Confirmation, std::less<>> loadConfirmations(Connection& connection);
void storeConfirmation(Connection& connection, std::string_view kind, WallTime at);

} // namespace ykt::offline_store
