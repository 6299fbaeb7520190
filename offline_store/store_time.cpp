#include "offline_store/store_impl.h"

namespace ykt::offline_store {

namespace {

constexpr auto betweenRemembered = std::chrono::hours{1};
// The newest synced record is looked for among so many: older than these, the remembered time stands in.
constexpr auto newestSynced =
    "SELECT wall_ms FROM (SELECT sequence, wall_ms, trust FROM journal ORDER BY sequence DESC LIMIT 1000) "
    "WHERE trust = 0 ORDER BY sequence DESC LIMIT 1";
constexpr auto remembered = "SELECT value FROM setting WHERE name = 'latest_known_ms'";

std::optional<WallTime> timeOf(Connection& connection, const char* query) {
    SQLite::Statement row(connection, query);
    return row.executeStep() ? std::optional(wallFromUnixMilliseconds(row.getColumn(0).getInt64()))
                             : std::nullopt;
}

} // namespace

Result<WallTime> Store::latestKnown() {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "reading the latest known time", [&]() -> Result<WallTime> {
        const auto told = timeOf(impl_->connection, remembered).value_or(WallTime{});
        return std::max(told, timeOf(impl_->connection, newestSynced).value_or(told));
    });
}

Result<void> Store::rememberTime() {
    const std::scoped_lock lock(impl_->mutex);
    const auto now = impl_->clock.now();
    if (now.trust != TimeTrust::synced)
        return {};
    const auto due = [&]() -> Result<bool> {
        const auto told = timeOf(impl_->connection, remembered);
        return !told || std::chrono::abs(now.wall - *told) >= betweenRemembered;
    };
    const auto isDue = guarded(impl_->connection, "reading the latest known time", due);
    if (!isDue || !*isDue)
        return isDue.map([](bool) {});
    return transact(impl_->connection, "remembering the time", [&]() -> Result<void> {
        setSetting(impl_->connection, "latest_known_ms",
                   [&](auto& insert) { insert.bind(2, unixMilliseconds(now.wall)); });
        return {};
    });
}

} // namespace ykt::offline_store
