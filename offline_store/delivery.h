// How far each record has come on its way upstream. What waits is known in memory; the table says only what
// must outlive the process, so that a record's own row is all that its COMMIT writes. Called under the
// store's mutex; functions that write are called inside a transaction, which ends with keep() or undo(). All
// may throw SQLite::Exception but those two.
#pragma once

#include "offline_store/database.h"
#include "offline_store/journal.h"
#include "offline_store/store.h"

#include <array>
#include <map>
#include <set>

namespace ykt::offline_store {

class Delivery {
  public:
    Delivery(Connection& connection, const StoreLimits& limits) : connection_(connection), limits_(limits) {}

    // Reads from the tables what waits; up to there nothing does. Call it first.
    void load(std::uint64_t settledUpTo);
    // Since the transaction began: kept after its COMMIT, else undone back to so many changes.
    [[nodiscard]] std::size_t changes() const { return changes_.size(); }
    void keep() { changes_.clear(); }
    void undo(std::size_t backTo = 0);

    // Makes sure that one more record of this class may come: over the limit of a class that is not money,
    // its oldest pending record that is not on its way is given up. An open intent takes up the room of the
    // money record that will settle it. Errors: store_full, crypto_failed.
    Result<void> makeRoom(Journal& journal, RecordClass recordClass, const Instant& now);
    // A record was appended and waits now.
    void add(const Record& record, std::optional<std::uint64_t> order);
    // What waits for longer than its class is kept, the longest first, at most a few hundred at a time.
    [[nodiscard]] std::vector<std::uint64_t> expired(const Instant& now) const;
    // Gives those up. Errors: crypto_failed.
    Result<void> expire(Journal& journal, const Instant& now);
    // After the transaction that opened or closed an intent.
    void intentOpened() { ++openIntents_; }
    void intentClosed() { --openIntents_; }

    // Sequences of pending records that may be leased, oldest first within priority. Of one order key a
    // record follows only those that were visited and taken; others pass by.
    enum class Step { taken, passed_by, enough };
    template <typename Visit> // Step(std::uint64_t sequence); enough: this one was not taken, and the walk
                              // ends
    void eachPending(const Instant& now, Visit&& visit);
    // No matter to one that does not wait any more.
    void lease(std::uint64_t sequence, const Instant& now, Milliseconds duration);
    void endLease(std::uint64_t sequence) { leases_.erase(sequence); }
    [[nodiscard]] bool isLeased(std::uint64_t sequence, const Instant& now) const;

    // Both are for pending records; a record that is settled or dead already stays as it is.
    // Errors: record_not_found.
    Result<void> settle(std::uint64_t sequence, DeliveryState state, const std::string& note, bool attempted);
    void countAttempt(std::uint64_t sequence);
    // A dead letter waits again. Errors: record_not_found (it is none, or its payload was given up).
    Result<void> requeue(std::uint64_t sequence);
    // What was acknowledged from this sequence on is pending again.
    void resync(std::uint64_t from);

    // Nothing up to here waits, of a journal that ends at `lastSequence`.
    [[nodiscard]] std::uint64_t settledUpTo(std::uint64_t lastSequence) const;
    Store::Counts counts(std::uint64_t lastSequence, const Instant& now);
    std::vector<RecordSummary> list(const RecordId& from, std::size_t most, const Instant& now);
    std::vector<RecordSummary> deadLetters(const RecordId& from, std::size_t most);

  private:
    // A lease is kept in memory: it means something only while the process that holds it runs, so it costs no
    // flush and is free again after a crash. The boot id guards against a monotonic clock that began anew.
    struct Lease {
        MonotonicTime until;
        BootId boot;
    };
    struct Waiting {
        std::optional<std::uint64_t> order;
        WallTime expires = never;
    };
    struct Change {
        RecordClass recordClass;
        std::uint64_t sequence;
        std::optional<Waiting> before; // what waited there
    };
    using Queue = std::map<std::uint64_t, Waiting>; // by sequence
    static constexpr WallTime never = WallTime::max();

    // `rowsOf`: tables and condition, with the sequence to begin at for its parameter.
    std::vector<RecordSummary> summaries(std::string_view rowsOf, const RecordId& from, std::size_t most,
                                         const Instant& now);
    Queue& queueOf(RecordClass recordClass) { return waiting_.at(static_cast<std::size_t>(recordClass)); }
    [[nodiscard]] std::optional<RecordClass> classOf(std::uint64_t sequence) const; // of one that waits
    [[nodiscard]] const ClassLimit& limitOf(RecordClass recordClass) const;         // not money
    [[nodiscard]] WallTime expiryOf(RecordClass recordClass, WallTime written, TimeTrust trust) const;
    // The only ways in and out; both are noted as a change.
    void put(RecordClass recordClass, std::uint64_t sequence, const Waiting& waiting);
    void take(RecordClass recordClass, std::uint64_t sequence);
    void set(RecordClass recordClass, std::uint64_t sequence, const std::optional<Waiting>& waiting);
    Result<void> giveUp(Journal& journal, std::uint64_t sequence, const std::string& note);
    // Does an earlier record of its key wait that is not in `taken`?
    [[nodiscard]] bool isHeldBack(std::uint64_t sequence, std::uint64_t order,
                                  const std::set<std::uint64_t>& taken) const;

    Connection& connection_;
    StoreLimits limits_;
    std::array<Queue, 4> waiting_; // by class
    std::set<std::pair<std::uint64_t, std::uint64_t>>
        ordered_;                                           // order key and sequence of those that have one
    std::set<std::pair<WallTime, std::uint64_t>> expiring_; // when, and sequence, of those that ever do
    std::vector<Change> changes_;
    std::uint64_t openIntents_ = 0;
    std::map<std::uint64_t, Lease> leases_;
};

// As the tables number it; a lease is none of theirs.
int stored(DeliveryState state);
// From the columns sequence, class, kind, wall_ms, state, attempts, note; `id`'s sequence is the row's.
RecordSummary summaryFrom(SQLite::Statement& row, RecordId id);

template <typename Visit>
void Delivery::eachPending(const Instant& now, Visit&& visit) {
    std::set<std::uint64_t> taken; // of those that have an order key
    for (const auto& queue : waiting_)
        for (const auto& [sequence, waiting] : queue) {
            if (isLeased(sequence, now) || (waiting.order && isHeldBack(sequence, *waiting.order, taken)))
                continue;
            const auto step = visit(sequence);
            if (step == Step::enough)
                return;
            if (step == Step::taken && waiting.order)
                taken.insert(sequence);
        }
}

} // namespace ykt::offline_store
