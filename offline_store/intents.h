// The purchases that were begun. Called under the store's mutex; functions that write are called inside a
// transaction. All may throw SQLite::Exception.
#pragma once

#include "offline_store/database.h"
#include "offline_store/intent.h"
#include "offline_store/key_ring.h"

namespace ykt::offline_store {

class Intents {
  public:
    // `connection` and `keys` outlive it.
    Intents(Connection& connection, std::string terminal, std::uint32_t epoch, const KeyRing& keys);

    // Claims are not taken here, only kept in mind. Errors: crypto_failed, key_invalid.
    Result<Intent> open(const IntentEntry& entry, const Instant& now);
    // One of another epoch, under its number, with its packed claims. Errors: crypto_failed, key_invalid.
    Result<void> adopt(const Intent& intent, ByteView packedClaims);
    // The packed claims of an open intent; none where they are not of their form.
    Bytes packedClaims(std::uint64_t number);
    // nullopt: it is not open, or damaged.
    std::optional<Intent> find(std::uint64_t number);
    // Open ones, oldest first. Errors: store_corrupt, unseal_failed (the number is in the context).
    Result<std::vector<Intent>> ofMedium(const ByteArray<32>& medium);
    // As above, but a damaged one is given with an empty payload.
    std::vector<Intent> all();
    // Errors: record_not_found (not open), crypto_failed, key_invalid.
    Result<void> amend(const Intent& intent, ByteView payload);
    // The order key of the records that an open intent leads to: those of one medium keep their order.
    // Errors: record_not_found (not open), store_corrupt.
    Result<std::uint64_t> orderOf(std::uint64_t number);
    // Errors of both: record_not_found (not open).
    Result<void> close(std::uint64_t number);
    Result<void> markReported(std::uint64_t number);
    // What is left of the claims that an open intent took. Errors: record_not_found, store_corrupt.
    Result<void> freeClaims(std::uint64_t number);

  private:
    Result<void> insert(const Intent& intent, ByteView packedClaims);
    // Fills what can be read. Errors: store_corrupt, unseal_failed.
    Result<void> fill(Intent& intent, SQLite::Statement& row) const;
    [[nodiscard]] Bytes boundTo(const Intent& intent) const; // what the sealed payload is bound to

    Connection& connection_;
    std::string terminal_;
    std::uint32_t epoch_;
    const KeyRing& keys_;
};

} // namespace ykt::offline_store
