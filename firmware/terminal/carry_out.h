// What the operator's directives do to the store.
#pragma once

#include "firmware/terminal/directives.h"
#include "offline_store/store.h"

namespace ykt::firmware::terminal {

// Carries out, in their order, those that are for `terminal` and were not carried out before: effect, mark
// and a security event "directive_done" {"id", "action"} are one COMMIT. How many it was. Errors:
// store_failed; those before the failed one are done, it and the others are not.
Result<unsigned> carryOut(const std::vector<Directive>& directives, std::string_view terminal,
                          offline_store::Store& store, WallTime now);

} // namespace ykt::firmware::terminal
