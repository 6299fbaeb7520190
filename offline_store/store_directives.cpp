#include "offline_store/store_impl.h"

namespace ykt::offline_store {

namespace {

// False: it is marked already.
bool mark(Connection& connection, const std::string& directive, WallTime now) {
    SQLite::Statement insert(connection,
                             "INSERT INTO directive (id, done_ms) VALUES (?, ?) ON CONFLICT DO NOTHING");
    insert.bind(1, directive);
    insert.bind(2, unixMilliseconds(now));
    return insert.exec() == 1;
}

} // namespace

Result<bool> Store::carryOut(const std::string& directive, const Effect& effect, const Entry& report) {
    const std::scoped_lock lock(impl_->mutex);
    auto& self = *impl_;
    const auto now = self.clock.now();
    return self.change("carrying out a directive", [&]() -> Result<bool> {
        if (!mark(self.connection, directive, now.wall))
            return false;
        if (effect.locked)
            setLocked(self.connection, *effect.locked);
        if (effect.resyncFrom)
            self.delivery.resync(*effect.resyncFrom);
        if (const auto marked = self.markSettled(); !marked)
            return failWith(marked);
        if (const auto kept = self.keepGuard(); !kept)
            return failWith(kept);
        return self.add(report, now).map([](const Record&) { return true; });
    });
}

std::string Store::terminal() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->journal.lastId().terminal;
}

Result<bool> Store::isLocked() {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "reading whether the terminal is locked", [&]() -> Result<bool> {
        SQLite::Statement row(impl_->connection, "SELECT value FROM setting WHERE name = 'locked'");
        return row.executeStep() && row.getColumn(0).getInt() != 0;
    });
}

} // namespace ykt::offline_store
