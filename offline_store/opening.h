// Making and opening the database file.
#pragma once

#include "offline_store/database.h"
#include "offline_store/store.h"

namespace ykt::offline_store {

struct OpenedDatabase {
    Connection connection;
    std::uint32_t epoch = 0;
};

// Opens the file, or makes it with the next epoch. Errors: store_failed (also: of another terminal),
// store_corrupt, store_too_new, unseal_failed (made with other keys), store_full.
Result<OpenedDatabase> openDatabase(const StoreOptions& options, const KeyRing& keys);

// Seals anew, with the newest key, what shows at the next start that the keys are the database's. Inside a
// transaction; throws SQLite::Exception. Errors: key_invalid, crypto_failed.
Result<void> renewKeyCheck(Connection& connection, const std::string& terminal, const KeyRing& keys);

// A new database's tables and settings; of one that is not the first, what the guard file keeps. Inside a
// transaction; throws SQLite::Exception. Errors: key_invalid, crypto_failed.
Result<void> makeSchema(Connection& connection, const StoreOptions& options, std::uint32_t epoch,
                        const KeyRing& keys);

} // namespace ykt::offline_store
