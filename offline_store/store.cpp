#include "offline_store/store_impl.h"

#include <algorithm>
#include <iterator>

namespace ykt::offline_store {

namespace {

// Records that verifyChain checks before it lets an append pass.
constexpr int recordsPerVerification = 256;

// Leaves whatever is thrown: the lanes that follow would sleep for ever.
struct Leading {
    AppendQueue& queue;
    ~Leading() { queue.leave(); }
};

} // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, const KeyRing& keys,
                                           const hal::Clock& clock) {
    // Before anything is read: what opening removes or replaces may be what another is about to commit.
    auto lock = lockFile(options.file.string() + ".lock");
    if (!lock)
        return failWith(lock);
    if (const auto finished = finishReplacement(options.file); !finished)
        return failWith(finished);
    auto impl = Impl::open(options, keys, clock);
    if (!impl && impl.error() == Reason::store_corrupt) {
        if (const auto replaced = replaceDamaged(options, keys, clock); !replaced)
            return failWith(replaced);
        impl = Impl::open(options, keys, clock);
    }
    if (!impl)
        return failWith(impl);
    (*impl)->fileLock = std::move(*lock);
    return std::unique_ptr<Store>(new Store(std::move(*impl)));
}

Result<std::unique_ptr<Store::Impl>> Store::Impl::open(const StoreOptions& options, const KeyRing& keys,
                                                       const hal::Clock& clock) {
    auto opened = openDatabase(options, keys);
    if (!opened)
        return failWith(opened);
    auto impl = std::make_unique<Impl>(std::move(*opened), options, keys.clone(), clock);
    if (const auto loaded = impl->load(); !loaded)
        return failWith(loaded);
    return impl;
}

Result<Record> Store::Impl::addOne(const Entry& entry, ByteView packed, const Instant& now) {
    const auto taken = [&]() -> Result<Record> {
        if (const auto claims = takeClaims(connection, entry.claims, now.wall); !claims)
            return failWith(claims);
        if (const auto quotas = takeQuotas(connection, entry.quotas, now.wall); !quotas)
            return failWith(quotas);
        if (const auto room = delivery.makeRoom(journal, entry.recordClass, now); !room)
            return failWith(room);
        return add(entry, packed, now);
    };
    // Nothing is written before what may refuse it: no claim, no quota, nobody else's record given up.
    if (entry.claims.empty() && entry.quotas.empty() && entry.recordClass == RecordClass::money)
        return taken();
    const auto before = delivery.changes();
    connection.prepared("SAVEPOINT entry")->exec();
    auto added = taken();
    if (!added) {
        connection.prepared("ROLLBACK TO entry")->exec();
        delivery.undo(before);
    }
    connection.prepared("RELEASE entry")->exec();
    return added;
}

void Store::Impl::write(const AppendQueue::Group& group) {
    const auto now = clock.now();
    std::vector<Result<Record>> outcomes; // told when they are durable, whatever is thrown
    outcomes.reserve(group.size());
    const auto written = change("appending records", [&]() -> Result<void> {
        for (const auto& one : group)
            outcomes.push_back(addOne(one->entry, one->packed, now));
        return {};
    });
    for (std::size_t i = 0; i < group.size(); ++i)
        group[i]->outcome = written ? std::move(outcomes[i]) : failWith(written);
}

Result<Record> Store::append(const Entry& entry) {
    AppendQueue::Appending mine{entry, pack(entry.payload)};
    if (impl_->queue.enter(mine)) {
        const Leading leading{impl_->queue};
        const std::scoped_lock lock(impl_->mutex);
        impl_->write(impl_->queue.take());
    }
    return std::move(mine.outcome);
}

Result<Record> Store::read(std::uint64_t sequence, std::uint32_t epoch) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "reading a record", [&] {
        return impl_->isEarlier(epoch) ? impl_->salvaged.read(epoch, sequence)
                                       : impl_->journal.read(sequence);
    });
}

RecordId Store::last() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->journal.lastId();
}

Result<std::vector<RecordSummary>> Store::list(std::uint64_t fromSequence, std::size_t most) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "listing records", [&]() -> Result<std::vector<RecordSummary>> {
        auto from = impl_->journal.lastId();
        from.sequence = fromSequence;
        return impl_->delivery.list(from, most, impl_->clock.now());
    });
}

Result<std::vector<RecordSummary>> Store::deadLetters(std::uint64_t fromSequence, std::size_t most) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "listing dead letters", [&]() -> Result<std::vector<RecordSummary>> {
        auto from = impl_->journal.lastId();
        from.sequence = fromSequence;
        auto letters = impl_->delivery.deadLetters(from, most);
        std::ranges::move(impl_->salvaged.deadLetters(most - letters.size()), std::back_inserter(letters));
        return letters;
    });
}

Result<void> Store::verifyChain() {
    Journal::Link checked;
    for (;;) {
        const std::scoped_lock lock(impl_->mutex);
        const auto more = guarded(impl_->connection, "verifying the chain",
                                  [&] { return impl_->journal.verify(checked, recordsPerVerification); });
        if (!more)
            return fail(Reason::store_corrupt, more.error().context);
        if (*more)
            continue;
        if (checked.sequence != impl_->journal.tail().sequence) // the end was cut off under our hands
            return fail(Reason::store_corrupt, "sequence " + std::to_string(checked.sequence + 1));
        return {};
    }
}

Result<bool> Store::isClaimed(const ByteArray<32>& key, WallTime now) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "looking up a claim",
                   [&]() -> Result<bool> { return isClaimTaken(impl_->connection, key, now); });
}

Result<std::vector<Store::Tally>> Store::tallies(unsigned days) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "reading the tallies",
                   [&]() -> Result<std::vector<Tally>> { return listTallies(impl_->connection, days); });
}

} // namespace ykt::offline_store
