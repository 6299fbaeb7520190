// Carries journal records upstream until each is acknowledged, and fetches bulletins. One thread: run().
#pragma once

#include "crypto/sm2.h"
#include "firmware/courier/upstream.h"
#include "hal/clock.h"
#include "offline_store/store.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace ykt::firmware::courier {

struct CourierSettings {
    std::size_t batchRecords = 50;
    std::size_t batchBytes = 256 * 1024;
    Milliseconds firstBackoff{500};
    Milliseconds longestBackoff{60'000};
    Milliseconds longestRetryAfter{600'000}; // Retry-After is obeyed up to here
    Milliseconds bulletinInterval{30'000};
    Milliseconds lease{60'000};
    std::vector<std::string> bulletinKinds{"catalogue", "revocation", "trust_anchors"};
};

class Courier {
  public:
    Courier(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
            crypto::Sm2PublicKey bulletinPublisher, CourierSettings settings = {});

    // Until stopped; returns within a second of the stop. `onBulletin(kind)` is called after each installation.
    void run(std::stop_token stop, const std::function<void(std::string_view)>& onBulletin);
    void wake(); // a record was appended

    enum class Link { unknown, online, offline };
    [[nodiscard]] Link link() const { return link_; }
    // When the back office last answered "nothing newer" or a bulletin of `kind` was installed.
    [[nodiscard]] std::optional<WallTime> lastConfirmed(std::string_view kind) const;

  private:
    // the helper that builds this room fills in
};

} // namespace ykt::firmware::courier
