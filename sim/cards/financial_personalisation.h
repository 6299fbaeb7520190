// What makes a directory of a simulated card a bank application that can be looked at (PBOC; docs/cards.md).
#pragma once

#include "sim/cards/card_spec.h"
#include "sim/cards/file_system.h"

namespace ykt::sim {

// AID A000000333010101, track 2 in SFI 2, number and expiry in SFI 3, electronic cash by GET DATA 9F79. No
// keys, no GPO, nothing that pays. Errors: input_malformed (a field of the spec that it cannot hold).
Result<Directory> financialApplication(const FinancialSpec& spec);

} // namespace ykt::sim
