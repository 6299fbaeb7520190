// What an auditor would ask about a ledger, worked out anew from its records.
#pragma once

#include "collector/ledger.h"

namespace ykt::collector {

// One line for each missing record, each one that does not continue the record before, and each whose digest
// or hash does not follow from its content: "NX-BUS-0001-1-42 is missing". Reads the whole ledger, or all of
// one terminal. Errors: store_failed.
Result<std::vector<std::string>> audit(Ledger& ledger, const std::string& terminal = {});

} // namespace ykt::collector
