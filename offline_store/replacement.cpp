#include "offline_store/replacement.h"

#include "offline_store/durable_file.h"
#include "offline_store/epoch_file.h"
#include "offline_store/journal.h"
#include "offline_store/packing.h"
#include "offline_store/salvage.h"
#include "offline_store/schema_transplant.h"

#include <array>
#include <nlohmann/json.hpp>
#include <tuple>

namespace ykt::offline_store {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view toldBy = "store_replaced";
constexpr std::array suffixes{"", "-wal", "-shm", "-journal"};

fs::path withSuffix(const fs::path& file, const char* suffix) {
    return file.string() + suffix;
}

fs::path freshOf(const fs::path& file) {
    return withSuffix(file, ".fresh");
}

// Of a damaged one, while it is salvaged.
fs::path copyOf(const fs::path& file) {
    return withSuffix(file, ".copy");
}

bool isThere(const fs::path& file) {
    std::error_code unknown; // then what follows tells
    return fs::exists(file, unknown);
}

fs::path damagedName(const fs::path& file, int number) {
    return file.string() + ".damaged-" + std::to_string(number);
}

int firstFreeNumber(const fs::path& file) {
    int number = 1;
    while (isThere(damagedName(file, number)))
        ++number;
    return number;
}

Result<void> move(const fs::path& from, const fs::path& to) {
    std::error_code error;
    if (isThere(from))
        fs::rename(from, to, error);
    if (error)
        return fail(Reason::store_failed, "moving " + from.string() + ": " + error.message());
    return {};
}

// The database first: SQLite drops a write-ahead log without its database, but would take a database without
// its log for whole, and give sequences a second time.
Result<void> swapNames(const fs::path& file, int number) {
    for (const auto* suffix : suffixes)
        if (const auto moved = move(withSuffix(file, suffix), withSuffix(damagedName(file, number), suffix));
            !moved)
            return moved;
    if (const auto flushed = flushFolderOf(file); !flushed)
        return flushed;
    if (const auto moved = move(freshOf(file), file); !moved)
        return moved;
    return flushFolderOf(file);
}

void removeDatabase(const fs::path& file) {
    std::error_code ignored; // what stays is written over
    for (const auto* suffix : suffixes)
        fs::remove(withSuffix(file, suffix), ignored);
}

void removeCopy(const fs::path& file) {
    removeDatabase(copyOf(file));
    removeDatabase(withSuffix(copyOf(file), "-new")); // of its making
}

// What an interrupted replacement left.
void removeUnfinished(const fs::path& file) {
    removeDatabase(freshOf(file));
    removeCopy(file);
}

struct Copying {
    const fs::path& of;
    ~Copying() { removeCopy(of); }
};

bool isMore(const SalvageCounts& one, const SalvageCounts& other) {
    const auto of = [](const SalvageCounts& counts) {
        return std::tuple(counts.records, counts.intents, counts.lastSequence);
    };
    return of(one) > of(other);
}

// Of the file itself, or of a copy in which the tables are looked for where a new database has them:
// whichever gives more. Both are asked, since either may be misled: by its damage, or by tables that lie
// elsewhere.
Result<SalvageCounts> salvageTheMost(const StoreOptions& options, Connection& into, std::uint32_t epoch,
                                     const KeyRing& keys) {
    const auto from = [&](const fs::path& file) {
        return salvage(file, into, options.terminal, epoch, keys);
    };
    if (hasSchemaOfNew(options.file))
        return from(options.file);
    const auto tried = [&](const fs::path& file) {
        into.exec("SAVEPOINT trial");
        auto counts = from(file);
        into.exec("ROLLBACK TO trial; RELEASE trial");
        return counts;
    };
    const auto direct = tried(options.file);
    if (!direct)
        return direct;
    const Copying copying{options.file};
    const auto copy = copyOf(options.file);
    const auto transplanted = transplantSchema(options.file, copy);
    if (!transplanted && transplanted.error() == Reason::store_full)
        return failWith(transplanted);
    if (!transplanted) // it cannot be read to its end
        return from(options.file);
    const auto indirect = tried(copy);
    if (!indirect)
        return indirect;
    return from(isMore(*indirect, *direct) ? copy : options.file);
}

// The first record of the fresh database.
Result<void> tell(Connection& connection, const StoreOptions& options, std::uint32_t epoch,
                  const KeyRing& keys, const Instant& now, const SalvageCounts& counts,
                  const fs::path& aside) {
    const nlohmann::json payload{{"moved_to", aside.filename().string()},
                                 {"epoch", counts.epoch},
                                 {"last_sequence", counts.lastSequence},
                                 {"salvaged", counts.records},
                                 {"again", counts.again},
                                 {"unreadable", counts.unreadable},
                                 {"intents", counts.intents},
                                 {"unreadable_intents", counts.unreadableIntents}};
    const Entry entry{RecordClass::security_event, std::string(toldBy), toBytes(payload.dump()), {}};
    return Journal(connection, options.terminal, epoch, keys)
        .append(entry, pack(entry.payload), now)
        .map([](const Record&) {});
}

} // namespace

Result<void> replaceDamaged(const StoreOptions& options, const KeyRing& keys, const hal::Clock& clock) {
    removeUnfinished(options.file);
    const auto number = firstFreeNumber(options.file);
    const auto epoch = nextEpoch(options.file);
    if (!epoch)
        return failWith(epoch);
    {
        auto fresh = openConnection(freshOf(options.file));
        if (!fresh)
            return failWith(fresh);
        const auto made = transact(*fresh, "replacing a damaged database", [&]() -> Result<void> {
            if (const auto begun = makeSchema(*fresh, options, *epoch, keys); !begun)
                return begun;
            const auto counts = salvageTheMost(options, *fresh, *epoch, keys);
            if (!counts)
                return failWith(counts);
            return tell(*fresh, options, *epoch, keys, clock.now(), *counts,
                        damagedName(options.file, number));
        });
        if (!made)
            return made;
        // Into the one file that is renamed.
        if (const auto flushed = guarded("flushing the fresh database",
                                         [&]() -> Result<void> {
                                             fresh->exec("PRAGMA journal_mode = DELETE");
                                             return {};
                                         });
            !flushed)
            return flushed;
    }
    return swapNames(options.file, number);
}

std::optional<Store::Replacement> replacementFrom(const Record& record) {
    if (record.kind != toldBy)
        return std::nullopt;
    const auto told = nlohmann::json::parse(record.payload, nullptr, false);
    if (!told.is_object())
        return std::nullopt;
    return Store::Replacement{told.value("moved_to", ""), told.value("salvaged", std::uint64_t{0}),
                              told.value("unreadable", std::uint64_t{0}), false};
}

Entry lossOf(std::uint32_t epoch) {
    return {RecordClass::security_event, "store_lost", toBytes(nlohmann::json{{"epoch", epoch}}.dump()), {}};
}

Result<void> finishReplacement(const fs::path& file) {
    if (!isThere(freshOf(file)))
        return {};
    if (isThere(file)) {
        removeUnfinished(file);
        return {};
    }
    removeCopy(file);
    return swapNames(file, std::max(1, firstFreeNumber(file) - 1)); // whose database was moved last
}

} // namespace ykt::offline_store
