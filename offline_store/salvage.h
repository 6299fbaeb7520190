// What of a damaged database can still be read, for the one that replaces it.
#pragma once

#include "offline_store/database.h"
#include "offline_store/key_ring.h"

namespace ykt::offline_store {

struct SalvageCounts {
    std::uint32_t epoch = 0;        // of the damaged database; 0: it does not tell
    std::uint64_t lastSequence = 0; // that it is known to have given
    std::uint64_t records = 0;      // taken over: proved by seal, digest and hash
    std::uint64_t again = 0;        // of those: it took them for settled, which proves nothing
    std::uint64_t unreadable = 0;   // up to lastSequence: neither taken over nor surely settled or given up
    std::uint64_t intents = 0;      // open ones, taken over
    std::uint64_t unreadableIntents = 0; // that are there and do not open
};

// Takes over records, open intents, claims, quotas and tallies of `damaged`, which is only read, whatever can
// be read around its bad pages. A record is left out only where the settled mark says that it is settled.
// Bulletins are not: nothing in it proves that they are as they were signed, and upstream has them. Inside a
// transaction of `into`, whose epoch `epoch` is; throws SQLite::Exception for what fails there. Errors:
// store_failed (the file cannot be read at all: that is the disk), key_invalid, crypto_failed.
Result<SalvageCounts> salvage(const std::filesystem::path& damaged, Connection& into,
                              const std::string& terminal, std::uint32_t epoch, const KeyRing& keys);

} // namespace ykt::offline_store
