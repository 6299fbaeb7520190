#include "offline_store/quotas.h"

#include "base/china_time.h"

namespace ykt::offline_store {

namespace {

constexpr std::int64_t daysKept = 7;

} // namespace

Result<void> takeQuotas(Connection& connection, const std::vector<Quota>& quotas, WallTime now) {
    for (const auto& quota : quotas) {
        auto take = connection.prepared("INSERT INTO quota (day, key, used) SELECT ?1, ?2, 1 WHERE ?3 > 0 "
                                        "ON CONFLICT (day, key) DO UPDATE SET used = used + 1 "
                                        "WHERE used < ?3");
        take->bind(1, dayNumberInChina(now));
        bindBlob(*take, 2, quota.key);
        take->bind(3, std::int64_t{quota.limit});
        if (take->exec() == 0)
            return fail(quota.refusal);
    }
    return {};
}

void pruneQuotas(Connection& connection, const Instant& now) {
    if (now.trust != TimeTrust::synced)
        return;
    SQLite::Statement prune(connection, "DELETE FROM quota WHERE day < ?");
    prune.bind(1, dayNumberInChina(now.wall) - daysKept);
    prune.exec();
}

} // namespace ykt::offline_store
