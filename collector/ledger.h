// What a back office keeps: each record once, with the receipt that it was given. Two databases can hold it,
// SQLite (sqlite_ledger.h) and PostgreSQL (postgresql_ledger.h); they answer alike.
#pragma once

#include "base/time.h"
#include "collector/incoming.h"

#include <functional>
#include <memory>
#include <optional>

namespace ykt::collector {

struct Verdict {
    bool settled = false;
    std::string note; // the receipt's number, or why not

    bool operator==(const Verdict&) const = default;
};

struct SettledRecord {
    std::string terminal;
    std::uint32_t epoch = 0;
    IncomingRecord record;
    std::string receipt;
    WallTime received{};
};

// A record that was refused, at whatever time it came.
struct Refusal {
    std::uint64_t sequence = 0;
    std::string why;
    std::uint64_t times = 0;
    WallTime last{};
};

struct SequenceRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    bool operator==(const SequenceRange&) const = default;
};

// The records of one terminal and epoch. A gap is final only when the terminal has nothing left to send.
struct ChainState {
    std::string terminal;
    std::uint32_t epoch = 0;
    std::uint64_t records = 0;
    std::uint64_t lastSequence = 0;
    WallTime lastSeen{};                // when its last batch came
    std::vector<SequenceRange> missing; // below the last sequence; the first hundred
    std::vector<Refusal> refused;       // the first hundred

    [[nodiscard]] std::uint64_t missingRecords() const { return lastSequence - records; }
};

struct TerminalStatus {
    std::string terminal;
    WallTime received{};
    std::string status; // JSON as it came
};

// A message that came by a broker and of which not every record was settled, as it came.
struct UnsettledMessage {
    std::int64_t number = 0; // the later, the higher
    std::string subject;
    std::string payload;
    std::string why;
    WallTime received{};
};

// What else the operator asks of a record that is new and fits its neighbours: why it is refused, empty if it
// is not. Called within the transaction that settles the record.
using Acceptance = std::function<std::string(const IncomingBatch& batch, const IncomingRecord& record)>;

// Any thread may call it.
class Ledger {
  public:
    virtual ~Ledger() = default;

    // The verdict on each record, all in one transaction that is durable when this returns. A record that is
    // there already gets its first receipt again. Errors: store_failed; then nothing was settled.
    virtual Result<std::vector<Verdict>> settle(const IncomingBatch& batch, const Acceptance& accept) = 0;
    Result<std::vector<Verdict>> settle(const IncomingBatch& batch) { return settle(batch, {}); }

    // By terminal and epoch. Errors: store_failed.
    virtual Result<std::vector<ChainState>> chains() = 0;
    // Gives the settled records by terminal, epoch and sequence; empty: of all terminals. The reader must not
    // call the ledger. Errors: store_failed.
    virtual Result<void> read(const std::string& terminal,
                              const std::function<void(const SettledRecord&)>& reader) = 0;

    // Durable when this returns. One that is there already stays as it is. Errors: store_failed.
    virtual Result<void> keepUnsettled(const std::string& subject, const std::string& payload,
                                       const std::string& why) = 0;
    // The first with a number above `number`; nullopt: there is none. Errors: store_failed.
    virtual Result<std::optional<UnsettledMessage>> unsettledAfter(std::int64_t number) = 0;
    // Errors: store_failed.
    virtual Result<void> removeUnsettled(std::int64_t number) = 0;

    // Replaces the terminal's last status. Errors: store_failed.
    virtual Result<void> noteStatus(const std::string& terminal, const std::string& status) = 0;
    // The last of each terminal. Errors: store_failed.
    virtual Result<std::vector<TerminalStatus>> statuses() = 0;
};

} // namespace ykt::collector
