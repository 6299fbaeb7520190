// Up to where every record is settled, in the store's own seal. What waits is looked for above it; and of a
// damaged database this is all that is believed of the delivery: a byte that changes in the table of
// deliveries can make a record that waits look settled; it cannot make this open.
#pragma once

#include "offline_store/database.h"
#include "offline_store/key_ring.h"

namespace ykt::offline_store {

// Written when it is so many records behind, so that it costs nothing; that many are sent in vain after
// damage.
constexpr std::uint64_t recordsBetweenMarks = 1024;

// 0: there is none that opens. May throw SQLite::Exception. Errors: key_invalid, crypto_failed.
Result<std::uint64_t> readSettledMark(Connection& connection, const std::string& terminal,
                                      std::uint32_t epoch, const KeyRing& keys);
// Inside a transaction; may throw SQLite::Exception. Errors: key_invalid, crypto_failed.
Result<void> writeSettledMark(Connection& connection, const std::string& terminal, std::uint32_t epoch,
                              const KeyRing& keys, std::uint64_t sequence);

} // namespace ykt::offline_store
