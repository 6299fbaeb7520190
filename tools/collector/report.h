// What a ledger holds, for people and for programs. Payloads are never printed.
#pragma once

#include "collector/ledger.h"

#include <iosfwd>

namespace ykt::tools {

// What is missing and what was refused, by terminal and epoch; of one terminal, if it is named. False:
// something is. Errors: store_failed.
Result<bool> printGaps(collector::Ledger& ledger, const std::string& terminal, bool asJson,
                       std::ostream& out);

// One line for each settled record. Errors: store_failed.
Result<void> printRecords(collector::Ledger& ledger, const std::string& terminal, bool asJson,
                          std::ostream& out);

// A line for each message that is not wholly settled, without what it says; whether there is none. Errors:
// store_failed.
Result<bool> printUnsettled(collector::Ledger& ledger, std::ostream& out);

// What each terminal last said of itself (docs/back-office-api.md, POST /v1/status); of one terminal, if it
// is named. False: one of them raises an alarm. Errors: store_failed.
Result<bool> printStatuses(collector::Ledger& ledger, const std::string& terminal, bool asJson,
                           std::ostream& out);

} // namespace ykt::tools
