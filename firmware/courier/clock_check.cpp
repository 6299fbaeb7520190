#include "firmware/courier/clock_check.h"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace ykt::firmware::courier {

void ClockCheck::compare(const ServerTime& server) {
    if (heard_ == server.heard)
        return;
    heard_ = server.heard;
    const auto skew = server.behind(clock_.now());
    if (std::chrono::abs(skew) > mostSkew)
        return object(skew);
    const bool agrees = std::chrono::abs(skew) <= agreement;
    objected_ = 0;
    told_ = told_ && !agrees;
    keeper_.hear(agrees ? hal::TimeVerdict::agrees : hal::TimeVerdict::differs_a_little);
}

void ClockCheck::object(Milliseconds skew) {
    if (++objected_ < objections)
        return;
    keeper_.hear(hal::TimeVerdict::differs);
    if (told_)
        return;
    const auto seconds = std::chrono::round<std::chrono::seconds>(skew).count();
    spdlog::error("clock: {} s ahead of the back office's", seconds);
    const nlohmann::json payload{{"seconds", seconds}};
    const auto event = store_.append(
        {offline_store::RecordClass::security_event, "clock_skew", toBytes(payload.dump()), {}});
    if (!event)
        return spdlog::error("clock: {}", explain(event.error()));
    told_ = true;
}

} // namespace ykt::firmware::courier
