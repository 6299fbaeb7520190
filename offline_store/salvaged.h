// Records that were taken over from a damaged database and wait to be delivered under the ids that they had.
// Called under the store's mutex; functions that write are called inside a transaction. All may throw
// SQLite::Exception.
#pragma once

#include "offline_store/database.h"
#include "offline_store/key_ring.h"
#include "offline_store/record.h"

#include <map>

namespace ykt::offline_store {

class Salvaged {
  public:
    // `connection` and `keys` outlive it.
    Salvaged(Connection& connection, std::string terminal, const KeyRing& keys)
        : connection_(connection), terminal_(std::move(terminal)), keys_(keys) {}

    std::uint64_t waiting();

    // Sealed anew, and as it was in all else. `again`: it may be upstream already. Errors: key_invalid,
    // crypto_failed.
    Result<void> take(const Record& record, bool again);

    using Key = std::pair<std::uint32_t, std::uint64_t>; // epoch, sequence
    // The oldest of one epoch by priority that are not leased, and leases them. Those that may be upstream
    // already come last. One that is damaged is passed by and told in `unreadable`.
    Result<std::vector<Record>> lease(std::size_t most, std::size_t mostBytes, const Instant& now,
                                      Milliseconds duration, std::vector<Key>& unreadable);
    void extend(std::uint32_t epoch, std::uint64_t sequence, const Instant& now, Milliseconds duration);
    void endLease(std::uint32_t epoch, std::uint64_t sequence) { leases_.erase({epoch, sequence}); }

    // A record that is settled or dead already stays as it is. Errors: record_not_found.
    Result<void> settle(std::uint32_t epoch, std::uint64_t sequence, DeliveryState state,
                        const std::string& note, bool attempted);
    void countAttempt(std::uint32_t epoch, std::uint64_t sequence);

    // Errors: record_not_found, store_corrupt, unseal_failed.
    Result<Record> read(std::uint32_t epoch, std::uint64_t sequence);
    std::uint64_t dead();
    // Newest first.
    std::vector<RecordSummary> deadLetters(std::size_t most);
    // A dead letter waits again. Errors: record_not_found (it is none).
    Result<void> requeue(std::uint32_t epoch, std::uint64_t sequence);

  private:
    struct Lease {
        MonotonicTime until;
        BootId boot;
    };
    std::uint64_t count(std::string_view sql);
    [[nodiscard]] bool isLeased(const Key& key, const Instant& now) const;

    Connection& connection_;
    std::string terminal_;
    const KeyRing& keys_;
    std::map<Key, Lease> leases_; // in memory: they end with the process
};

} // namespace ykt::offline_store
