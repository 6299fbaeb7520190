#include "offline_store/store_impl.h"

namespace ykt::offline_store {

namespace {

// What an intent leads to keeps within no limit, so what is full is the disk.
template <typename T>
Result<T> roomWasKept(Result<T> result) {
    if (!result && result.error() == Reason::store_full)
        return fail(Reason::store_failed, result.error().context);
    return result;
}

} // namespace

Result<Intent> Store::openIntent(const IntentEntry& entry) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    const auto now = self.clock.now();
    auto intent = self.change("opening an intent", [&]() -> Result<Intent> {
        if (const auto taken = takeClaims(self.connection, entry.claims, now.wall); !taken)
            return failWith(taken);
        if (const auto room = self.delivery.makeRoom(self.journal, RecordClass::money, now); !room)
            return failWith(room);
        return self.intents.open(entry, now);
    });
    if (intent)
        self.delivery.intentOpened();
    return intent;
}

Result<std::vector<Intent>> Store::intentsOf(const ByteArray<32>& medium) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "reading a medium's intents",
                   [&] { return impl_->intents.ofMedium(medium); });
}

Result<std::vector<Intent>> Store::openIntents() {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "reading the intents",
                   [&]() -> Result<std::vector<Intent>> { return impl_->intents.all(); });
}

Result<void> Store::amendIntent(const Intent& intent, ByteView payload) {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->change("amending an intent", [&] { return impl_->intents.amend(intent, payload); });
}

Result<std::optional<Record>> Store::settleIntent(std::uint64_t number, Purchase outcome,
                                                  const std::optional<Entry>& entry) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    const auto now = self.clock.now();
    auto settled = self.change("settling an intent", [&]() -> Result<std::optional<Record>> {
        if (outcome == Purchase::not_made)
            if (const auto freed = self.intents.freeClaims(number); !freed)
                return failWith(freed);
        std::optional<Record> record;
        if (entry) {
            auto added = self.addFor(number, *entry, now);
            if (!added)
                return failWith(added);
            record = std::move(*added);
        }
        if (const auto closed = self.intents.close(number); !closed)
            return failWith(closed);
        return record;
    });
    if (settled)
        self.delivery.intentClosed();
    return roomWasKept(std::move(settled));
}

Result<Record> Store::reportIntent(std::uint64_t number, const Entry& entry) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    const auto now = self.clock.now();
    auto record = self.change("reporting an intent", [&]() -> Result<Record> {
        if (const auto marked = self.intents.markReported(number); !marked)
            return failWith(marked);
        return self.addFor(number, entry, now);
    });
    return roomWasKept(std::move(record));
}

} // namespace ykt::offline_store
