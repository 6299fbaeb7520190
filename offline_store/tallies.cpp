#include "offline_store/tallies.h"

#include "base/china_time.h"

namespace ykt::offline_store {

void countTally(Connection& connection, const std::string& name, WallTime now) {
    auto count = connection.prepared("INSERT INTO tally (day, name, count) VALUES (?, ?, 1) "
                                     "ON CONFLICT (day, name) DO UPDATE SET count = count + 1");
    count->bind(1, dayNumberInChina(now));
    count->bind(2, name);
    count->exec();
}

std::vector<Store::Tally> listTallies(Connection& connection, unsigned days) {
    SQLite::Statement rows(
        connection, "SELECT day, name, count FROM tally WHERE day IN "
                    "(SELECT DISTINCT day FROM tally ORDER BY day DESC LIMIT ?) ORDER BY day DESC, name");
    rows.bind(1, static_cast<std::int64_t>(days));
    std::vector<Store::Tally> tallies;
    while (rows.executeStep()) {
        const std::chrono::days day{rows.getColumn(0).getInt()};
        tallies.push_back({rows.getColumn(1).getString(),
                           std::chrono::year_month_day{std::chrono::sys_days{day}},
                           static_cast<std::uint64_t>(rows.getColumn(2).getInt64())});
    }
    return tallies;
}

} // namespace ykt::offline_store
