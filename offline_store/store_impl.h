// What the store is made of; shared by the files that implement store.h (store_*.cpp) and by nothing else.
#pragma once

#include "offline_store/append_queue.h"
#include "offline_store/bulletins.h"
#include "offline_store/claims.h"
#include "offline_store/delivery.h"
#include "offline_store/durable_file.h"
#include "offline_store/guard_file.h"
#include "offline_store/intents.h"
#include "offline_store/journal.h"
#include "offline_store/key_ring.h"
#include "offline_store/opening.h"
#include "offline_store/packing.h"
#include "offline_store/quotas.h"
#include "offline_store/replacement.h"
#include "offline_store/revocations.h"
#include "offline_store/salvaged.h"
#include "offline_store/settled_mark.h"
#include "offline_store/store.h"
#include "offline_store/tallies.h"

#include <mutex>

namespace ykt::offline_store {

struct Store::Impl {
    // Claims and quotas are looked through for old ones once in so many records, and at every start.
    static constexpr std::uint64_t recordsBetweenPrunes = 256;

    Impl(OpenedDatabase opened, const StoreOptions& options, KeyRing theKeys, const hal::Clock& theClock)
        : file(options.file), clock(theClock), keys(std::move(theKeys)),
          connection(std::move(opened.connection)), journal(connection, options.terminal, opened.epoch, keys),
          intents(connection, options.terminal, opened.epoch, keys), delivery(connection, options.limits),
          salvaged(connection, options.terminal, keys), mostClaims(options.limits.claims),
          revocations(options.file) {}

    // Errors: as openDatabase.
    static Result<std::unique_ptr<Impl>> open(const StoreOptions& options, const KeyRing& keys,
                                              const hal::Clock& clock);

    // Errors: store_failed, store_corrupt, store_full, key_invalid, crypto_failed.
    Result<void> load() {
        return transact(connection, "loading the store", [&]() -> Result<void> {
            journal.load();
            const auto id = journal.lastId();
            const auto mark = readSettledMark(connection, id.terminal, id.epoch, keys);
            if (!mark)
                return failWith(mark);
            if (*mark > id.sequence) // what it counts is gone: the log lost its end
                return fail(Reason::store_corrupt, "its settled mark is beyond its last record");
            settledMark = *mark;
            delivery.load(settledMark);
            if (id.sequence == 0 && id.epoch > 1)
                if (const auto told = add(lossOf(id.epoch - 1), clock.now()); !told)
                    return failWith(told);
            if (const auto pruned = prune(clock.now()); !pruned)
                return pruned;
            delivery.keep();
            confirmations = loadConfirmations(connection);
            revocations.load(connection);
            return loadGuard();
        });
    }

    Result<void> prune(const Instant& now) {
        pruneClaims(connection, now, mostClaims);
        pruneQuotas(connection, now);
        return delivery.expire(journal, now);
    }

    // As transact(), and what journal and delivery hold in memory goes with the COMMIT or back.
    template <typename Change>
    auto change(std::string_view doing, Change&& work) -> std::invoke_result_t<Change> {
        const auto back = [this, tail = journal.tail(), mark = settledMark] {
            delivery.undo();
            journal.rewind(tail);
            settledMark = mark;
        };
        try {
            auto result = transact(connection, doing, work);
            result ? delivery.keep() : back();
            return result;
        } catch (...) { // no memory
            back();
            throw;
        }
    }

    // Inside the change() that settled records, or made settled ones wait again: then the mark must not
    // outlive it. Errors: key_invalid, crypto_failed.
    Result<void> markSettled() {
        const auto upTo = delivery.settledUpTo(journal.tail().sequence);
        if (settledMark <= upTo && upTo < settledMark + recordsBetweenMarks)
            return {};
        settledMark = upTo;
        const auto id = journal.lastId();
        return writeSettledMark(connection, id.terminal, id.epoch, keys, upTo);
    }

    // Inside the transaction that changed what the guard file keeps, as its last step. Errors: as writeGuard.
    Result<void> keepGuard() {
        return writeGuard(file, journal.lastId().terminal, keys, guardOf(connection));
    }
    // At the start: of file and database what is shut. Errors: as writeGuard.
    Result<void> loadGuard() {
        const auto kept = readGuard(file, journal.lastId().terminal, keys);
        if (kept)
            adopt(connection, *kept);
        return kept && *kept == guardOf(connection) ? Result<void>() : keepGuard();
    }

    // Of this epoch's records or of a damaged database's; 0 is this one's.
    [[nodiscard]] bool isEarlier(std::uint32_t epoch) const {
        return epoch != 0 && epoch != journal.lastId().epoch;
    }
    Result<void> settle(std::uint32_t epoch, std::uint64_t sequence, DeliveryState state,
                        const std::string& note, bool attempted);
    Result<void> countAttempts(std::uint32_t epoch,
                               const std::vector<std::uint64_t>& sequences); // one COMMIT
    void extendLease(std::uint32_t epoch, std::uint64_t sequence, const Instant& now, Milliseconds duration);
    void endLease(std::uint32_t epoch, std::uint64_t sequence);

    // Inside the change() of whoever made room for it. On an error nothing was written.
    Result<Record> add(const Entry& entry, const Instant& now) {
        return add(entry, pack(entry.payload), now);
    }
    // `packed`: its payload.
    Result<Record> add(const Entry& entry, ByteView packed, const Instant& now) {
        auto appended = journal.append(entry, packed, now);
        if (!appended)
            return appended;
        delivery.add(*appended, entry.order);
        if (!entry.tally.empty())
            countTally(connection, entry.tally, now.wall);
        if (appended->id.sequence % recordsBetweenPrunes == 0)
            prune(now);
        return appended;
    }

    // What an intent leads to: of one medium in order.
    Result<Record> addFor(std::uint64_t intent, Entry entry, const Instant& now) {
        const auto order = intents.orderOf(intent);
        if (!order)
            return failWith(order);
        entry.order = *order;
        return add(entry, now);
    }

    // One of a group. On an error what it took is given back, and the others' stays.
    Result<Record> addOne(const Entry& entry, ByteView packed, const Instant& now);
    // All in one COMMIT, each with its own refusal. What keeps it from being made is everybody's error.
    void write(const AppendQueue::Group& group);

    // store_revocation.cpp; under `installing`.
    Result<void> installRevocation(Bulletin bulletin);
    Result<void> commitRevocation(const Bulletin* bulletin, Revocations::Next next);
    Result<std::uint64_t> checkNewer(const Bulletin& bulletin);

    FileHandle fileLock; // let go of last
    const std::filesystem::path file;
    const hal::Clock& clock;
    KeyRing keys;
    Connection connection;
    Journal journal;
    Intents intents;
    Delivery delivery;
    Salvaged salvaged;
    std::uint64_t settledMark = 0; // as the database has it
    std::uint64_t mostClaims;
    std::map<std::string, Confirmation, std::less<>> confirmations; // by kind
    std::mutex mutex;                                               // over everything above
    AppendQueue queue;       // of those that append; entered before the mutex
    std::mutex installing;   // one bulletin at a time; taken before `mutex`
    Revocations revocations; // what is asked of it needs no mutex
};

} // namespace ykt::offline_store
