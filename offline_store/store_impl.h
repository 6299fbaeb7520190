// What the store is made of; shared by the files that implement store.h (store_*.cpp) and by nothing else.
#pragma once

#include "offline_store/bulletins.h"
#include "offline_store/claims.h"
#include "offline_store/delivery.h"
#include "offline_store/intents.h"
#include "offline_store/journal.h"
#include "offline_store/key_ring.h"
#include "offline_store/opening.h"
#include "offline_store/quotas.h"
#include "offline_store/revocation.h"
#include "offline_store/store.h"
#include "offline_store/tallies.h"

#include <mutex>

namespace ykt::offline_store {

struct Store::Impl {
    // Claims and quotas are looked through for old ones once in so many records, and at every start.
    static constexpr std::uint64_t recordsBetweenPrunes = 256;

    Impl(OpenedDatabase opened, const StoreOptions& options, KeyRing theKeys, const hal::Clock& theClock)
        : clock(theClock), keys(std::move(theKeys)), connection(std::move(opened.connection)),
          journal(connection, options.terminal, opened.epoch, keys),
          intents(connection, options.terminal, opened.epoch, keys), delivery(connection, options.limits),
          mostClaims(options.limits.claims), lastId{options.terminal, opened.epoch, 0} {}

    // Errors: store_failed, store_corrupt.
    Result<void> load() {
        return transact(connection, "loading the store", [&]() -> Result<void> {
            prune(clock.now());
            delivery.recount();
            lastId.sequence = journal.lastSequence();
            confirmations = loadConfirmations(connection);
            if (const auto list = findBulletin(connection, "revocation")) {
                auto parsed = RevocationList::parse(list->body);
                if (!parsed)
                    return fail(Reason::store_corrupt, "the installed revocation list");
                revocation = std::move(*parsed);
            }
            return {};
        });
    }

    void prune(const Instant& now) {
        pruneClaims(connection, now, mostClaims);
        pruneQuotas(connection, now);
    }

    // Changes delivery states in one COMMIT and counts anew.
    template <typename Change>
    Result<void> changeDelivery(std::string_view doing, Change&& change) {
        auto changed = transact(connection, doing, change);
        const auto counted = guarded(doing, [&]() -> Result<void> {
            delivery.recount();
            return {};
        });
        return changed ? counted : changed;
    }

    // Inside the transaction of whoever made room for it.
    Result<Record> add(const Entry& entry, const Instant& now) {
        auto appended = journal.append(entry, now);
        if (!appended)
            return appended;
        delivery.add(appended->id, entry.recordClass);
        if (!entry.tally.empty())
            countTally(connection, entry.tally, now.wall);
        if (appended->id.sequence % recordsBetweenPrunes == 0)
            prune(now);
        return appended;
    }

    // After that transaction.
    void afterAdd(const Entry& entry, const Record* committed) {
        delivery.afterAppend(entry.recordClass, committed != nullptr);
        if (committed)
            lastId = committed->id;
    }

    const hal::Clock& clock;
    KeyRing keys;
    Connection connection;
    Journal journal;
    Intents intents;
    Delivery delivery;
    std::uint64_t mostClaims;
    RecordId lastId;
    std::optional<RevocationList> revocation;
    std::map<std::string, Confirmation, std::less<>> confirmations; // by kind
    std::mutex mutex;                                               // over everything above
};

} // namespace ykt::offline_store
