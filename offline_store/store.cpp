#include "offline_store/store.h"

#include "offline_store/bulletins.h"
#include "offline_store/claims.h"
#include "offline_store/delivery.h"
#include "offline_store/intents.h"
#include "offline_store/journal.h"
#include "offline_store/opening.h"
#include "offline_store/quotas.h"
#include "offline_store/revocation.h"
#include "offline_store/tallies.h"

#include <mutex>
#include <nlohmann/json.hpp>

namespace ykt::offline_store {

namespace {

// Claims and quotas are looked through for old ones once in so many records, and at every start.
constexpr std::uint64_t recordsBetweenPrunes = 256;
// Records that verifyChain checks before it lets an append pass.
constexpr int recordsPerVerification = 256;

// What an intent leads to keeps within no limit, so what is full is the disk.
template <typename T>
Result<T> roomWasKept(Result<T> result) {
    if (!result && result.error() == Reason::store_full)
        return fail(Reason::store_failed, result.error().context);
    return result;
}

} // namespace

struct Store::Impl {
    Impl(OpenedDatabase opened, const StoreOptions& options, Secret dataKey, const hal::Clock& theClock)
        : clock(theClock), key(std::move(dataKey)), connection(std::move(opened.connection)),
          journal(connection, options.terminal, opened.epoch, key),
          intents(connection, options.terminal, opened.epoch, key), delivery(connection, options.limits),
          mostClaims(options.limits.claims), lastId{options.terminal, opened.epoch, 0} {}

    // Errors: store_failed, store_corrupt.
    Result<void> load() {
        return transact(connection, "loading the store", [&]() -> Result<void> {
            prune(clock.now());
            delivery.recount();
            lastId.sequence = journal.lastSequence();
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
    Secret key;
    Connection connection;
    Journal journal;
    Intents intents;
    Delivery delivery;
    std::uint64_t mostClaims;
    RecordId lastId;
    std::optional<RevocationList> revocation;
    std::mutex mutex; // over everything above
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, Secret dataKey,
                                           const hal::Clock& clock) {
    std::filesystem::path aside;
    auto opened = openDatabase(options, dataKey);
    if (!opened && opened.error() == Reason::store_corrupt) {
        const auto moved = moveAside(options.file);
        if (!moved)
            return failWith(moved);
        aside = *moved;
        opened = openDatabase(options, dataKey);
    }
    if (!opened)
        return failWith(opened);
    auto impl = std::make_unique<Impl>(std::move(*opened), options, std::move(dataKey), clock);
    if (const auto loaded = impl->load(); !loaded)
        return failWith(loaded);
    std::unique_ptr<Store> store(new Store(std::move(impl)));
    if (!aside.empty()) {
        const nlohmann::json payload{{"moved_to", aside.filename().string()}};
        const auto told =
            store->append({RecordClass::security_event, "store_replaced", toBytes(payload.dump()), {}});
        if (!told)
            return failWith(told);
    }
    return store;
}

Result<Record> Store::append(const Entry& entry) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    const auto now = self.clock.now();
    auto record = transact(self.connection, "appending a record", [&]() -> Result<Record> {
        if (const auto taken = takeClaims(self.connection, entry.claims, now.wall); !taken)
            return failWith(taken);
        if (const auto taken = takeQuotas(self.connection, entry.quotas, now.wall); !taken)
            return failWith(taken);
        if (const auto room = self.delivery.makeRoom(self.journal, entry.recordClass); !room)
            return failWith(room);
        return self.add(entry, now);
    });
    self.afterAdd(entry, record ? &*record : nullptr);
    return record;
}

Result<Record> Store::read(std::uint64_t sequence) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("reading a record", [&] { return impl_->journal.read(sequence); });
}

Result<std::vector<RecordSummary>> Store::list(std::uint64_t fromSequence, std::size_t most) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("listing records", [&]() -> Result<std::vector<RecordSummary>> {
        auto from = impl_->lastId;
        from.sequence = fromSequence;
        return impl_->delivery.list(from, most, impl_->clock.now());
    });
}

Result<void> Store::verifyChain() {
    Journal::Link checked;
    for (;;) {
        const std::scoped_lock lock(impl_->mutex);
        const auto more = guarded("verifying the chain",
                                  [&] { return impl_->journal.verify(checked, recordsPerVerification); });
        if (!more)
            return fail(Reason::store_corrupt, more.error().context);
        if (*more)
            continue;
        if (checked.sequence != impl_->lastId.sequence) // the end was cut off under our hands
            return fail(Reason::store_corrupt, "sequence " + std::to_string(checked.sequence + 1));
        return {};
    }
}

Result<bool> Store::isClaimed(const ByteArray<32>& key, WallTime now) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("looking up a claim",
                   [&]() -> Result<bool> { return isClaimTaken(impl_->connection, key, now); });
}

Result<Intent> Store::openIntent(const IntentEntry& entry) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    const auto now = self.clock.now();
    auto intent = transact(self.connection, "opening an intent", [&]() -> Result<Intent> {
        if (const auto taken = takeClaims(self.connection, entry.claims, now.wall); !taken)
            return failWith(taken);
        if (const auto room = self.delivery.makeRoom(self.journal, RecordClass::money); !room)
            return failWith(room);
        return self.intents.open(entry, now);
    });
    if (intent)
        self.delivery.intentOpened();
    return intent;
}

Result<std::vector<Intent>> Store::intentsOf(const ByteArray<32>& medium) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("reading a medium's intents", [&] { return impl_->intents.ofMedium(medium); });
}

Result<std::vector<Intent>> Store::openIntents() {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("reading the intents",
                   [&]() -> Result<std::vector<Intent>> { return impl_->intents.all(); });
}

Result<void> Store::amendIntent(const Intent& intent, ByteView payload) {
    const std::scoped_lock lock(impl_->mutex);
    return transact(impl_->connection, "amending an intent",
                    [&] { return impl_->intents.amend(intent, payload); });
}

Result<std::optional<Record>> Store::settleIntent(std::uint64_t number, Purchase outcome,
                                                  const std::optional<Entry>& entry) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    const auto now = self.clock.now();
    auto settled = transact(self.connection, "settling an intent", [&]() -> Result<std::optional<Record>> {
        if (outcome == Purchase::not_made)
            if (const auto freed = self.intents.freeClaims(number); !freed)
                return failWith(freed);
        if (const auto closed = self.intents.close(number); !closed)
            return failWith(closed);
        if (!entry)
            return std::optional<Record>{};
        return self.add(*entry, now).map([](Record&& record) { return std::optional(std::move(record)); });
    });
    if (entry)
        self.afterAdd(*entry, settled ? &**settled : nullptr);
    if (settled)
        self.delivery.intentClosed();
    return roomWasKept(std::move(settled));
}

Result<Record> Store::reportIntent(std::uint64_t number, const Entry& entry) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    const auto now = self.clock.now();
    auto record = transact(self.connection, "reporting an intent", [&]() -> Result<Record> {
        if (const auto marked = self.intents.markReported(number); !marked)
            return failWith(marked);
        return self.add(entry, now);
    });
    self.afterAdd(entry, record ? &*record : nullptr);
    return roomWasKept(std::move(record));
}

Result<std::vector<Store::Tally>> Store::tallies(unsigned days) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("reading the tallies",
                   [&]() -> Result<std::vector<Tally>> { return listTallies(impl_->connection, days); });
}

Result<std::vector<Record>> Store::lease(std::size_t most, std::size_t mostBytes, Milliseconds duration) {
    const std::scoped_lock lock(impl_->mutex);
    const auto now = impl_->clock.now();
    std::vector<Record> batch;
    std::vector<std::uint64_t> unreadable;
    std::optional<Error> trouble; // one that may pass: nothing is buried for it
    const auto walked = guarded("leasing records", [&]() -> Result<void> {
        std::size_t bytes = 0;
        impl_->delivery.eachPending(now, [&](std::uint64_t sequence) {
            auto record = impl_->journal.read(sequence);
            if (!record) { // one damaged record does not hold up the others
                const auto reason = record.error().reason;
                if (reason != Reason::unseal_failed && reason != Reason::store_corrupt) {
                    trouble = record.error();
                    return false;
                }
                unreadable.push_back(sequence);
                return true;
            }
            bytes += record->payload.size();
            if (!batch.empty() && bytes > mostBytes)
                return false;
            batch.push_back(std::move(*record));
            return batch.size() < most;
        });
        return {};
    });
    if (!walked)
        return failWith(walked);
    if (trouble)
        return tl::unexpected(*trouble);
    for (const auto& record : batch)
        impl_->delivery.lease(record.id.sequence, now, duration);
    if (unreadable.empty())
        return batch;
    const auto buried = impl_->changeDelivery("burying unreadable records", [&]() -> Result<void> {
        for (const auto sequence : unreadable)
            if (auto dead = impl_->delivery.settle(sequence, DeliveryState::dead, "unreadable", false); !dead)
                return dead;
        return {};
    });
    return buried.map([&] { return std::move(batch); });
}

Result<void> Store::acknowledge(const std::vector<Settled>& settled) {
    const std::scoped_lock lock(impl_->mutex);
    auto changed = impl_->changeDelivery("acknowledging records", [&]() -> Result<void> {
        for (const auto& [sequence, receipt] : settled)
            if (auto done = impl_->delivery.settle(sequence, DeliveryState::acknowledged, receipt, true);
                !done)
                return done;
        return {};
    });
    if (changed)
        for (const auto& one : settled)
            impl_->delivery.endLease(one.sequence);
    return changed;
}

Result<void> Store::release(const std::vector<std::uint64_t>& sequences, bool attempted) {
    const std::scoped_lock lock(impl_->mutex);
    for (const auto sequence : sequences)
        impl_->delivery.endLease(sequence);
    if (!attempted)
        return {};
    return transact(impl_->connection, "counting attempts", [&]() -> Result<void> {
        for (const auto sequence : sequences)
            impl_->delivery.countAttempt(sequence);
        return {};
    });
}

Result<void> Store::defer(const std::vector<std::uint64_t>& sequences, Milliseconds duration) {
    const std::scoped_lock lock(impl_->mutex);
    const auto now = impl_->clock.now();
    for (const auto sequence : sequences)
        impl_->delivery.lease(sequence, now, duration);
    return transact(impl_->connection, "counting attempts", [&]() -> Result<void> {
        for (const auto sequence : sequences)
            impl_->delivery.countAttempt(sequence);
        return {};
    });
}

Result<void> Store::bury(std::uint64_t sequence, const std::string& why) {
    const std::scoped_lock lock(impl_->mutex);
    auto changed = impl_->changeDelivery(
        "burying a record", [&] { return impl_->delivery.settle(sequence, DeliveryState::dead, why, true); });
    if (changed)
        impl_->delivery.endLease(sequence);
    return changed;
}

Result<Store::Counts> Store::counts() {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("counting records", [&]() -> Result<Counts> {
        return impl_->delivery.counts(impl_->lastId.sequence, impl_->clock.now());
    });
}

Result<void> Store::install(ByteView signedBulletin, const crypto::Sm2PublicKey& publisher) {
    auto bulletin = openBulletin(signedBulletin, publisher);
    if (!bulletin)
        return failWith(bulletin);
    bulletin->installed = impl_->clock.now().wall;
    if (const auto checked = checkBulletin(*bulletin, bulletin->installed); !checked)
        return checked;
    std::optional<RevocationList> list;
    if (bulletin->kind == "revocation") {
        auto parsed = RevocationList::parse(bulletin->body);
        if (!parsed)
            return failWith(parsed);
        list = std::move(*parsed);
    }
    const std::scoped_lock lock(impl_->mutex);
    auto replaced = transact(impl_->connection, "installing a bulletin",
                             [&] { return replaceBulletin(impl_->connection, *bulletin); });
    if (replaced && list)
        impl_->revocation = std::move(list);
    return replaced;
}

Result<std::optional<Bulletin>> Store::bulletin(std::string_view kind) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("reading a bulletin", [&]() -> Result<std::optional<Bulletin>> {
        return findBulletin(impl_->connection, kind);
    });
}

Result<bool> Store::isRevoked(const RevocationKey& key) {
    const std::scoped_lock lock(impl_->mutex);
    if (!impl_->revocation)
        return fail(Reason::look_up_failed, "no revocation list is installed");
    return impl_->revocation->contains(key);
}

} // namespace ykt::offline_store
