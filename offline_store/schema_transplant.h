// For a database whose tables cannot be found any more: its first page, or another that says where they are,
// is damaged. All else may be whole.
#pragma once

#include "base/result.h"

#include <filesystem>

namespace ykt::offline_store {

// Whether the file says that its tables are those of a new database, and lie where those do. Only read.
bool hasSchemaOfNew(const std::filesystem::path& file);

// Copies `damaged` and its write-ahead log to `copy`, with the pages of a new database's schema in place of
// what lies there: the tables of every database that was made by this version lie where the new one's do. Of
// one that was migrated they may not: then some are missed, others cut, and what is not a record does not
// prove itself. Makes and removes `<copy>-new`. Errors: store_failed, store_full.
Result<void> transplantSchema(const std::filesystem::path& damaged, const std::filesystem::path& copy);

} // namespace ykt::offline_store
