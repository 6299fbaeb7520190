// All that a terminal does with its store, in random order.
#pragma once

#include "crypto/sm2.h"
#include "promises.h"

#include <functional>
#include <random>

namespace ykt::test {

class Workload {
  public:
    using Tell = std::function<void(const Event&)>; // from any thread
    // `lastBulletin`: of the version that was tried last.
    Workload(Tell tell, std::uint64_t seed, std::uint64_t lastBulletin, bool threads);

    // One thing, or a few at once. Errors: the store's.
    Result<void> step(offline_store::Store& store);
    // Leases, delivers and acknowledges all that is pending. Errors: the store's.
    Result<void> drain(offline_store::Store& store);

  private:
    Result<void> append(offline_store::Store& store, std::mt19937_64& random) const;
    Result<void> appendFromThreads(offline_store::Store& store);
    Result<void> openIntent(offline_store::Store& store);
    Result<void> settleIntent(offline_store::Store& store);
    Result<void> deliver(offline_store::Store& store);
    Result<void> acknowledge(offline_store::Store& store,
                             const std::vector<offline_store::Record>& batch) const;
    Result<void> install(offline_store::Store& store);

    Tell tell_;
    std::mt19937_64 random_;
    std::uint64_t bulletin_;
    bool threads_;
};

} // namespace ykt::test
