#include "offline_store/opening.h"

#include "offline_store/epoch_file.h"
#include "offline_store/guard_file.h"
#include "offline_store/journal.h"
#include "offline_store/migrations.h"

namespace ykt::offline_store {

namespace {

constexpr std::string_view keyCheckText = "ykt-store-key-check";

// A new database: schema and identity in one transaction, so that a crash leaves none of them.
Result<std::uint32_t> make(Connection& connection, const StoreOptions& options, const KeyRing& keys) {
    const auto epoch = nextEpoch(options.file);
    if (!epoch)
        return epoch;
    return transact(connection, "making the database", [&] {
        return makeSchema(connection, options, *epoch, keys).map([&] { return *epoch; });
    });
}

// The journal begins at 1 and no row of it is ever deleted; yet a tree in which a page of an earlier time
// stands is sound, and lacks rows.
Result<void> checkGapFree(Connection& connection) {
    return guardedReading("counting the journal", [&]() -> Result<void> {
        SQLite::Statement row(connection, "SELECT count(*) = coalesce(max(sequence), 0) FROM journal");
        row.executeStep();
        if (row.getColumn(0).getInt() == 0)
            return fail(Reason::store_corrupt, "records are gone from the journal");
        return {};
    });
}

// The newest record, if there is one: it shows whether keys and epoch are the journal's.
Result<Record> newestRecord(Connection& connection, const StoreOptions& options, std::uint32_t epoch,
                            const KeyRing& keys) {
    Journal journal(connection, options.terminal, epoch, keys);
    journal.load();
    return journal.read(journal.tail().sequence);
}

// Checks that the database is this terminal's and was made with these keys.
Result<std::uint32_t> recognise(Connection& connection, const StoreOptions& options, const KeyRing& keys) {
    bool renewing = false;
    const auto epochOf = [](SQLite::Statement& row) {
        return static_cast<std::uint32_t>(row.getColumn(1).getInt64());
    };
    const auto epoch = guardedReading("reading the database's settings", [&]() -> Result<std::uint32_t> {
        SQLite::Statement row(connection, "SELECT max(value) FILTER (WHERE name = 'terminal'), "
                                          "max(value) FILTER (WHERE name = 'epoch'), "
                                          "max(value) FILTER (WHERE name = 'key_check') FROM setting");
        row.executeStep();
        const auto keyCheck = keys.unseal(blobOf(row.getColumn(2)), asBytes(options.terminal));
        if (row.getColumn(0).getString() != options.terminal)
            return fail(Reason::store_failed, "the database belongs to another terminal");
        const auto newest = newestRecord(connection, options, epochOf(row), keys);
        if (!keyCheck && keyCheck.error() == Reason::crypto_failed) // which may pass
            return failWith(keyCheck);
        if (!newest && newest.error() == Reason::crypto_failed)
            return failWith(newest);
        if (!keyCheck && newest)
            return fail(Reason::store_corrupt, "its key check"); // the key is right
        if (!keyCheck)
            return fail(keyCheck.error().reason, "the database was made with another key");
        // The epoch is another than the records' then, or the next record would be chained to a lie.
        if (!newest && newest.error() != Reason::record_not_found)
            return fail(Reason::store_corrupt, "its newest record");
        if (!keys.unseal(keys.newest(), blobOf(row.getColumn(2)), asBytes(options.terminal)))
            renewing = true; // an earlier key opened it, which may be forgotten once no row needs it
        return epochOf(row);
    });
    if (!epoch || !renewing)
        return epoch;
    return transact(connection, "renewing the key check", [&]() -> Result<std::uint32_t> {
        if (const auto renewed = renewKeyCheck(connection, options.terminal, keys); !renewed)
            return failWith(renewed);
        return *epoch;
    });
}

} // namespace

Result<void> makeSchema(Connection& connection, const StoreOptions& options, std::uint32_t epoch,
                        const KeyRing& keys) {
    migrate(connection, 0);
    setSetting(connection, "terminal", [&](auto& insert) { insert.bind(2, options.terminal); });
    setSetting(connection, "epoch", [&](auto& insert) { insert.bind(2, std::int64_t{epoch}); });
    if (epoch > 1) // there was a database before, and it is damaged or lost
        beginWith(connection, readGuard(options.file, options.terminal, keys));
    return renewKeyCheck(connection, options.terminal, keys);
}

Result<void> renewKeyCheck(Connection& connection, const std::string& terminal, const KeyRing& keys) {
    const auto sealed = keys.seal(asBytes(keyCheckText), asBytes(terminal));
    if (!sealed)
        return failWith(sealed);
    setSetting(connection, "key_check", [&](auto& insert) { bindBlob(insert, 2, *sealed); });
    return {};
}

Result<OpenedDatabase> openDatabase(const StoreOptions& options, const KeyRing& keys) {
    auto connection = openConnection(options.file);
    if (!connection)
        return failWith(connection);
    const auto version = schemaVersion(*connection);
    if (!version)
        return failWith(version);
    const auto newest = static_cast<int>(migrations().size());
    const auto whole = checkSchema(*connection);
    if (whole && *version != newest)
        return fail(Reason::store_corrupt, "its version is not its tables'");
    if (*version > newest)
        return fail(Reason::store_too_new,
                    "schema " + std::to_string(*version) + ", known up to " + std::to_string(newest));
    if (const auto intact = checkIntegrity(*connection, *version); !intact)
        return failWith(intact);
    if (*version > 0 && *version < newest) {
        // Where a step does not fit what is there, the version is a damaged number.
        const auto migrated = transact(*connection, "migrating the database", [&] {
            return guardedReading("migrating the database", [&]() -> Result<void> {
                migrate(*connection, *version);
                return {};
            });
        });
        if (!migrated)
            return failWith(migrated);
    }
    if (*version == newest && !whole)
        return failWith(whole);
    if (*version != 0)
        if (const auto found = checkIndexes(*connection).and_then([&] { return checkGapFree(*connection); });
            !found)
            return failWith(found);
    const auto epoch =
        *version == 0 ? make(*connection, options, keys) : recognise(*connection, options, keys);
    if (!epoch)
        return failWith(epoch);
    return OpenedDatabase{std::move(*connection), *epoch};
}

} // namespace ykt::offline_store
