// What must outlive the database: that the terminal is locked, which directives it has carried out, and below
// which version no bulletin may come. Kept once more in `<database>.guard`, in the store's own seal, so that
// damage opens no terminal that is locked and brings nothing back that was replaced. The file is written
// before each COMMIT that changes one of these, so that it is never older than the database.
#pragma once

#include "offline_store/database.h"
#include "offline_store/key_ring.h"

#include <map>
#include <set>

namespace ykt::offline_store {

struct Guard {
    bool locked = false;
    std::set<std::string> directives;              // carried out
    std::map<std::string, std::uint64_t> versions; // of bulletins, by kind: installed, or once installed

    bool operator==(const Guard&) const = default;
};

// nullopt: there is no file, or one that does not open.
std::optional<Guard> readGuard(const std::filesystem::path& database, const std::string& terminal,
                               const KeyRing& keys);
// On the disk when it returns. Errors: store_full, store_failed, key_invalid, crypto_failed.
Result<void> writeGuard(const std::filesystem::path& database, const std::string& terminal,
                        const KeyRing& keys, const Guard& guard);

// -- may throw SQLite::Exception; functions that write are called inside a transaction.
void setLocked(Connection& connection, bool locked);
Guard guardOf(Connection& connection);
// For a database that takes the place of one that is damaged or lost. Without a guard nobody knows that the
// terminal was not locked: it is, until a directive unlocks it.
void beginWith(Connection& connection, const std::optional<Guard>& guard);
// For a database that is sound: what is shut in either stays shut.
void adopt(Connection& connection, const Guard& guard);

} // namespace ykt::offline_store
