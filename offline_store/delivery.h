// How far each record has come on its way upstream. Called under the store's mutex; functions that write are
// called inside a transaction and followed by recount() or afterAppend(). All may throw SQLite::Exception.
#pragma once

#include "offline_store/database.h"
#include "offline_store/journal.h"
#include "offline_store/store.h"

#include <array>
#include <map>

namespace ykt::offline_store {

class Delivery {
  public:
    Delivery(Connection& connection, StoreLimits limits) : connection_(connection), limits_(limits) {}

    // Counts again what is undelivered.
    void recount();

    // Makes sure that one more record of this class may come: over the limit of what is not money, the oldest
    // pending record of the lowest class is given up, if that is not above the new one. An open intent takes
    // up the room of the money record that will settle it. Errors: store_full.
    Result<void> makeRoom(Journal& journal, RecordClass recordClass);
    void add(const RecordId& id, RecordClass recordClass);
    // After the transaction that both were part of. Does not throw.
    void afterAppend(RecordClass recordClass, bool committed);
    // After the transaction that opened or closed an intent.
    void intentOpened() { ++openIntents_; }
    void intentClosed() { --openIntents_; }

    // Sequences of pending records that are not leased, oldest first within priority.
    template <typename Visit> // bool(std::uint64_t sequence): false ends the walk
    void eachPending(const Instant& now, Visit&& visit);
    void lease(std::uint64_t sequence, const Instant& now, Milliseconds duration);
    void endLease(std::uint64_t sequence) { leases_.erase(sequence); }
    [[nodiscard]] bool isLeased(std::uint64_t sequence, const Instant& now) const;

    // Both are for pending records; a record that is settled or dead already stays as it is.
    // Errors: record_not_found.
    Result<void> settle(std::uint64_t sequence, DeliveryState state, const std::string& note, bool attempted);
    void countAttempt(std::uint64_t sequence);

    Store::Counts counts(std::uint64_t lastSequence, const Instant& now);
    std::vector<RecordSummary> list(const RecordId& from, std::size_t most, const Instant& now);

  private:
    // A lease is kept in memory: it means something only while the process that holds it runs, so it costs no
    // flush and is free again after a crash. The boot id guards against a monotonic clock that began anew.
    struct Lease {
        MonotonicTime until;
        BootId boot;
    };
    [[nodiscard]] std::uint64_t undeliveredOther() const {
        return undelivered_[1] + undelivered_[2] + undelivered_[3];
    }

    Connection& connection_;
    StoreLimits limits_;
    std::array<std::uint64_t, 4> undelivered_{}; // by class
    std::uint64_t openIntents_ = 0;
    std::optional<RecordClass> dropped_; // what gave way to the append under way
    std::map<std::uint64_t, Lease> leases_;
};

template <typename Visit>
void Delivery::eachPending(const Instant& now, Visit&& visit) {
    SQLite::Statement rows(connection_,
                           "SELECT sequence FROM delivery WHERE state = 0 ORDER BY class, sequence");
    while (rows.executeStep()) {
        const auto sequence = static_cast<std::uint64_t>(rows.getColumn(0).getInt64());
        if (!isLeased(sequence, now) && !visit(sequence))
            return;
    }
}

} // namespace ykt::offline_store
