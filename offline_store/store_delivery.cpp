#include "offline_store/store_impl.h"

namespace ykt::offline_store {

Result<void> Store::Impl::settle(std::uint32_t epoch, std::uint64_t sequence, DeliveryState state,
                                 const std::string& note, bool attempted) {
    return isEarlier(epoch) ? salvaged.settle(epoch, sequence, state, note, attempted)
                            : delivery.settle(sequence, state, note, attempted);
}

Result<void> Store::Impl::countAttempts(std::uint32_t epoch, const std::vector<std::uint64_t>& sequences) {
    return change("counting attempts", [&]() -> Result<void> {
        for (const auto sequence : sequences)
            isEarlier(epoch) ? salvaged.countAttempt(epoch, sequence) : delivery.countAttempt(sequence);
        return {};
    });
}

void Store::Impl::extendLease(std::uint32_t epoch, std::uint64_t sequence, const Instant& now,
                              Milliseconds duration) {
    isEarlier(epoch) ? salvaged.extend(epoch, sequence, now, duration)
                     : delivery.lease(sequence, now, duration);
}

void Store::Impl::endLease(std::uint32_t epoch, std::uint64_t sequence) {
    isEarlier(epoch) ? salvaged.endLease(epoch, sequence) : delivery.endLease(sequence);
}

bool Store::isDamaged() const {
    return impl_->connection.isDamaged();
}

std::optional<Reason> Store::writeError() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->connection.writeError();
}

Result<std::vector<Record>> Store::lease(std::size_t most, std::size_t mostBytes, Milliseconds duration) {
    const std::scoped_lock lock(impl_->mutex);
    const auto now = impl_->clock.now();
    if (!impl_->delivery.expired(now).empty())
        // On trouble they stay a while longer: no reason not to deliver the others.
        (void)impl_->change("giving up old records",
                            [&] { return impl_->delivery.expire(impl_->journal, now); });
    using Step = Delivery::Step;
    std::vector<Record> batch;
    std::vector<std::uint64_t> unreadable;
    std::optional<Error> trouble; // one that may pass: nothing is buried for it
    const auto walked = guarded(impl_->connection, "leasing records", [&]() -> Result<void> {
        std::size_t bytes = 0;
        impl_->delivery.eachPending(now, [&](std::uint64_t sequence) {
            if (batch.size() == most)
                return Step::enough;
            auto record = impl_->journal.read(sequence);
            if (!record) { // one damaged record does not hold up the others
                if (!isUnreadable(record.error())) {
                    trouble = record.error();
                    return Step::enough;
                }
                unreadable.push_back(sequence);
                return Step::passed_by;
            }
            bytes += record->payload.size();
            if (!batch.empty() && bytes > mostBytes)
                return Step::enough;
            batch.push_back(std::move(*record));
            return Step::taken;
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
    const auto buried = impl_->change("burying unreadable records", [&]() -> Result<void> {
        for (const auto sequence : unreadable)
            if (auto dead = impl_->delivery.settle(sequence, DeliveryState::dead, "unreadable", false); !dead)
                return dead;
        return {};
    });
    return buried.map([&] { return std::move(batch); });
}

Result<std::vector<Record>> Store::leaseSalvaged(std::size_t most, std::size_t mostBytes,
                                                 Milliseconds duration) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    std::vector<Salvaged::Key> unreadable;
    auto batch = guarded(self.connection, "leasing salvaged records", [&] {
        return self.salvaged.lease(most, mostBytes, self.clock.now(), duration, unreadable);
    });
    if (!batch || unreadable.empty())
        return batch;
    const auto buried = self.change("burying unreadable records", [&]() -> Result<void> {
        for (const auto& [epoch, sequence] : unreadable)
            if (auto dead = self.salvaged.settle(epoch, sequence, DeliveryState::dead, "unreadable", false);
                !dead)
                return dead;
        return {};
    });
    return buried.map([&] { return std::move(*batch); });
}

Result<void> Store::acknowledge(const std::vector<Settled>& settled, std::uint32_t epoch) {
    const std::scoped_lock lock(impl_->mutex);
    auto changed = impl_->change("acknowledging records", [&]() -> Result<void> {
        for (const auto& [sequence, receipt] : settled)
            if (auto done = impl_->settle(epoch, sequence, DeliveryState::acknowledged, receipt, true); !done)
                return done;
        return impl_->markSettled();
    });
    if (changed)
        for (const auto& one : settled)
            impl_->endLease(epoch, one.sequence);
    return changed;
}

Result<void> Store::release(const std::vector<std::uint64_t>& sequences, bool attempted,
                            std::uint32_t epoch) {
    const std::scoped_lock lock(impl_->mutex);
    for (const auto sequence : sequences)
        impl_->endLease(epoch, sequence);
    return attempted ? impl_->countAttempts(epoch, sequences) : Result<void>{};
}

Result<void> Store::defer(const std::vector<std::uint64_t>& sequences, Milliseconds duration,
                          std::uint32_t epoch, bool attempted) {
    const std::scoped_lock lock(impl_->mutex);
    const auto now = impl_->clock.now();
    for (const auto sequence : sequences)
        impl_->extendLease(epoch, sequence, now, duration);
    return attempted ? impl_->countAttempts(epoch, sequences) : Result<void>{};
}

Result<void> Store::bury(std::uint64_t sequence, const std::string& why, std::uint32_t epoch,
                         bool attempted) {
    const std::scoped_lock lock(impl_->mutex);
    auto changed = impl_->change("burying a record", [&] {
        return impl_->settle(epoch, sequence, DeliveryState::dead, why, attempted);
    });
    if (changed)
        impl_->endLease(epoch, sequence);
    return changed;
}

Result<void> Store::requeue(std::uint64_t sequence, std::uint32_t epoch) {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->change("requeueing a record", [&]() -> Result<void> {
        if (impl_->isEarlier(epoch))
            return impl_->salvaged.requeue(epoch, sequence);
        if (auto done = impl_->delivery.requeue(sequence); !done)
            return done;
        return impl_->markSettled();
    });
}

Result<Store::Counts> Store::counts() {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "counting records", [&]() -> Result<Counts> {
        auto counts = impl_->delivery.counts(impl_->journal.tail().sequence, impl_->clock.now());
        counts.salvaged = impl_->salvaged.waiting();
        counts.dead += impl_->salvaged.dead();
        return counts;
    });
}

Result<std::optional<Store::Replacement>> Store::replacement() {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(
        impl_->connection, "reading the first record", [&]() -> Result<std::optional<Replacement>> {
            const auto first = impl_->journal.read(1);
            if (!first) // none, given up or damaged: then it tells nothing
                return std::nullopt;
            auto replacement = replacementFrom(*first);
            if (replacement)
                replacement->told = impl_->delivery.list(first->id, 1, impl_->clock.now()).front().state ==
                                    DeliveryState::acknowledged;
            return replacement;
        });
}

} // namespace ykt::offline_store
