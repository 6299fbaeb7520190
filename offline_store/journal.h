// The append-only table of records with its hash chain. Called under the store's mutex; functions that write
// are called inside a transaction. All may throw SQLite::Exception.
#pragma once

#include "offline_store/database.h"
#include "offline_store/key_ring.h"
#include "offline_store/record.h"

namespace ykt::offline_store {

// Of a record that waits, what no second try betters: it is damaged, its payload is gone, or no key opens it.
inline bool isUnreadable(const Error& error) {
    return error == Reason::unseal_failed || error == Reason::store_corrupt ||
           error == Reason::record_not_found;
}

class Journal {
  public:
    // `connection` and `keys` outlive the journal.
    Journal(Connection& connection, std::string terminal, std::uint32_t epoch, const KeyRing& keys);

    // Where the chain ends; zero for an empty journal.
    struct Link {
        std::uint64_t sequence = 0;
        crypto::Digest hash{};
    };
    // Looks in the database for it; call it first.
    void load();
    [[nodiscard]] const Link& tail() const { return tail_; }
    // Back to where it ended before a transaction that was not committed.
    void rewind(const Link& tail) { tail_ = tail; }
    [[nodiscard]] RecordId lastId() const { return {terminal_, epoch_, tail_.sequence}; }

    // The next record after the last one; `packed`: its payload (packing.h). On an error nothing was written.
    // Errors: crypto_failed, key_invalid.
    Result<Record> append(const Entry& entry, ByteView packed, const Instant& now);
    // Errors: record_not_found (also for a payload that was dropped), store_corrupt (also for a row that is
    // gone: the damage is noted), unseal_failed.
    Result<Record> read(std::uint64_t sequence);
    void dropPayload(std::uint64_t sequence);
    // Checks at most `most` records that follow `from`, and moves `from` to the last one checked.
    // False: there was none left. Errors: store_corrupt, unseal_failed (the first bad sequence is in the
    // context).
    Result<bool> verify(Link& from, int most);

    // A record as a row, here and in the table of salvaged ones.
    static constexpr auto columns =
        "sequence, class, kind, wall_ms, monotonic_ns, boot, trust, payload_digest, previous, hash, sealed, "
        "data_key";
    static constexpr int columnCount = 12;
    // Seals its salt and `packed`, its payload, by the newest key. Errors: crypto_failed, key_invalid.
    static Result<void> bindRow(SQLite::Statement& insert, const Record& record, ByteView packed,
                                const KeyRing& keys);
    // Errors: record_not_found (its payload was dropped, and the rest has its hash), store_corrupt,
    // unseal_failed.
    Result<Record> recordFrom(SQLite::Statement& row) const;

  private:
    // Unseals a row's salt and payload into `record` and compares the digest. Errors: unseal_failed,
    // store_corrupt.
    Result<void> open(Record& record, SQLite::Statement& row) const;
    // From a row of `columns` below. Errors: store_corrupt.
    Result<Record> fromRow(SQLite::Statement& row) const;

    Connection& connection_;
    std::string terminal_;
    std::uint32_t epoch_;
    const KeyRing& keys_;
    Link tail_;
};

} // namespace ykt::offline_store
