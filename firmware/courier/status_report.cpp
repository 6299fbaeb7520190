#include "firmware/courier/status_report.h"

#include "base/hex.h"
#include "firmware/courier/link_watch.h"

#include <nlohmann/json.hpp>

namespace ykt::firmware::courier {

using nlohmann::json;

namespace {

json timeView(const Instant& now, const std::optional<ServerTime>& server) {
    json time{{"wall_ms", unixMilliseconds(now.wall)}, {"trust", nameOf(now.trust)}};
    if (server)
        time["ahead_ms"] = server->behind(now).count();
    return time;
}

} // namespace

StatusReport::StatusReport(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                           std::vector<std::string> bulletinKinds, StatusSettings settings)
    : store_(store), upstream_(upstream), clock_(clock), kinds_(std::move(bulletinKinds)),
      settings_(std::move(settings)), started_(clock.now().monotonic), due_(started_) {}

Milliseconds StatusReport::untilDue() const {
    return std::max(Milliseconds::zero(), std::chrono::ceil<Milliseconds>(due_ - clock_.now().monotonic));
}

tl::expected<void, UpstreamError> StatusReport::send(const std::stop_token& stop) {
    const auto status = text();
    if (!status)
        return tl::unexpected<UpstreamError>(UpstreamError{status.error()});
    auto sent = upstream_.reportStatus(*status, stop);
    if (sent || !isOffline(sent.error().error))
        due_ = clock_.now().monotonic + settings_.statusInterval;
    return sent;
}

Result<std::string> StatusReport::text() {
    const auto counts = store_.counts();
    if (!counts)
        return failWith(counts);
    const auto replacement = store_.replacement();
    if (!replacement)
        return failWith(replacement);
    const auto locked = store_.isLocked();
    if (!locked)
        return failWith(locked);
    auto lists = json::array();
    for (const auto& kind : kinds_) {
        const auto installed = store_.bulletin(kind);
        if (!installed)
            return failWith(installed);
        lists.push_back({{"kind", kind}, {"version", *installed ? (*installed)->version : 0}});
        if (const auto confirmed = store_.confirmed(kind))
            lists.back()["confirmed_ms"] = unixMilliseconds(*confirmed);
    }
    const auto now = clock_.now();
    const auto last = store_.last();
    json status{{"terminal", last.terminal},
                {"epoch", last.epoch},
                {"last_sequence", last.sequence},
                {"boot", toHex(now.boot)},
                {"version", YKT_VERSION},
                {"uptime_s", std::chrono::floor<std::chrono::seconds>(now.monotonic - started_).count()},
                {"records",
                 {{"pending", counts->pending},
                  {"leased", counts->leased},
                  {"acknowledged", counts->acknowledged},
                  {"dead", counts->dead},
                  {"salvaged", counts->salvaged}}},
                {"locked", *locked},
                {"lists", std::move(lists)},
                {"time", timeView(now, upstream_.serverTime())}};
    if (*replacement)
        status["replaced"] = {{"salvaged", (*replacement)->salvaged},
                              {"unreadable", (*replacement)->unreadable}};
    if (const auto failed = store_.writeError())
        status["store_error"] = nameOf(*failed);
    std::error_code error;
    if (const auto space = std::filesystem::space(settings_.dataFolder, error); !error)
        status["free_bytes"] = space.available;
    return status.dump();
}

} // namespace ykt::firmware::courier
