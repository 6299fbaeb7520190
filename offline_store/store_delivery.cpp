#include "offline_store/store_impl.h"

namespace ykt::offline_store {

Result<std::vector<Record>> Store::lease(std::size_t most, std::size_t mostBytes, Milliseconds duration) {
    const std::scoped_lock lock(impl_->mutex);
    const auto now = impl_->clock.now();
    if (!impl_->delivery.expired(now).empty())
        // On trouble they stay a while longer: no reason not to deliver the others.
        (void)impl_->change("giving up old records", [&]() -> Result<void> {
            impl_->delivery.expire(impl_->journal, now);
            return {};
        });
    using Step = Delivery::Step;
    std::vector<Record> batch;
    std::vector<std::uint64_t> unreadable;
    std::optional<Error> trouble; // one that may pass: nothing is buried for it
    const auto walked = guarded("leasing records", [&]() -> Result<void> {
        std::size_t bytes = 0;
        impl_->delivery.eachPending(now, [&](std::uint64_t sequence) {
            if (batch.size() == most)
                return Step::enough;
            auto record = impl_->journal.read(sequence);
            if (!record) { // one damaged record does not hold up the others
                const auto reason = record.error().reason;
                if (reason != Reason::unseal_failed && reason != Reason::store_corrupt) {
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

Result<void> Store::acknowledge(const std::vector<Settled>& settled) {
    const std::scoped_lock lock(impl_->mutex);
    auto changed = impl_->change("acknowledging records", [&]() -> Result<void> {
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
    return impl_->change("counting attempts", [&]() -> Result<void> {
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
    return impl_->change("counting attempts", [&]() -> Result<void> {
        for (const auto sequence : sequences)
            impl_->delivery.countAttempt(sequence);
        return {};
    });
}

Result<void> Store::bury(std::uint64_t sequence, const std::string& why) {
    const std::scoped_lock lock(impl_->mutex);
    auto changed = impl_->change(
        "burying a record", [&] { return impl_->delivery.settle(sequence, DeliveryState::dead, why, true); });
    if (changed)
        impl_->delivery.endLease(sequence);
    return changed;
}

Result<void> Store::requeue(std::uint64_t sequence) {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->change("requeueing a record", [&] { return impl_->delivery.requeue(sequence); });
}

Result<Store::Counts> Store::counts() {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("counting records", [&]() -> Result<Counts> {
        return impl_->delivery.counts(impl_->journal.tail().sequence, impl_->clock.now());
    });
}

} // namespace ykt::offline_store
