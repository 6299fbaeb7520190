// A damaged database gives way to a fresh one, which holds what could be salvaged of it.
#pragma once

#include "hal/clock.h"
#include "offline_store/opening.h"

namespace ykt::offline_store {

// The fresh one is made whole beside the damaged one (`<file>.fresh`), with the next epoch, what was
// salvaged, and a security event "store_replaced" as its first record; only then do the names change: the
// damaged one is
// `<file>.damaged-1`, ... from then on and kept. On an error all is as it was.
// Errors: store_failed, store_full (no room on the disk), key_invalid, crypto_failed.
Result<void> replaceDamaged(const StoreOptions& options, const KeyRing& keys, const hal::Clock& clock);

// What that record tells; nullopt: it is another record. Not yet whether upstream has it.
std::optional<Store::Replacement> replacementFrom(const Record& record);

// What the first record of a database tells that stands in for one that is gone, with what waited in it; or
// that was never made, where a cut came between its number and its tables.
Entry lossOf(std::uint32_t epoch);

// Ends what a crash interrupted: a fresh one that was whole gets the name, one that was not goes. At every
// start. Errors: store_failed.
Result<void> finishReplacement(const std::filesystem::path& file);

} // namespace ykt::offline_store
