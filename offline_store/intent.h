// Purchases that were begun and not yet known to have been made or not: what a torn debit leaves behind.
#pragma once

#include "offline_store/record.h"

namespace ykt::offline_store {

struct IntentEntry {
    ByteArray<32> medium{}; // finds the intent again when the same card is seen; a keyed digest, not a number
    Bytes payload;          // JSON; sealed at rest
    std::vector<Claim> claims; // taken now; freed if the purchase turns out not to have been made
};

struct Intent {
    std::uint64_t number = 0; // rising, never used again
    ByteArray<32> medium{};
    Instant opened;
    bool reported = false; // upstream was told that it is unresolved
    Bytes payload;         // opened
};

} // namespace ykt::offline_store
