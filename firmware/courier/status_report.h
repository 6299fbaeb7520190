// How the terminal fares, told to the back office: docs/back-office-api.md, POST /v1/status.
#pragma once

#include "firmware/courier/upstream.h"
#include "hal/clock.h"
#include "offline_store/store.h"

#include <filesystem>

namespace ykt::firmware::courier {

struct StatusSettings {
    Milliseconds statusInterval{300'000};
    std::filesystem::path dataFolder; // whose free space is told; empty: is not
};

// Of the courier's thread alone.
class StatusReport {
  public:
    // All outlive it.
    StatusReport(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                 std::vector<std::string> bulletinKinds, StatusSettings settings);

    // Zero at the start and after a report that nobody took; else until the interval is over.
    [[nodiscard]] Milliseconds untilDue() const;
    // Errors: as Upstream::reportStatus, and the store's. A back office that refuses it is not asked again
    // before the interval is over.
    tl::expected<void, UpstreamError> send(const std::stop_token& stop);

  private:
    Result<std::string> text();

    offline_store::Store& store_;
    Upstream& upstream_;
    const hal::Clock& clock_;
    const std::vector<std::string> kinds_;
    const StatusSettings settings_;
    const MonotonicTime started_;
    MonotonicTime due_;
};

} // namespace ykt::firmware::courier
