// The last epoch, in `<database>.epoch` beside the database: when the database is lost or moved aside, the
// next one gets another epoch, so that record ids never repeat.
#pragma once

#include "base/result.h"

#include <filesystem>

namespace ykt::offline_store {

// Counts up and makes the new number durable before it is told. The first is 1. Errors: store_full,
// store_failed.
Result<std::uint32_t> nextEpoch(const std::filesystem::path& database);

} // namespace ykt::offline_store
