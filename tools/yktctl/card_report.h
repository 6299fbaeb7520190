// What a card tells of itself, with everything covered that names its holder.
#pragma once

#include "apdu/channel.h"
#include "tools/yktctl/json.h"

namespace ykt::tools {

// The ATR, masked, and one object for each application that the card has: social_security, transit,
// financial, legacy. What went wrong in one of them stands in its `error`; a name that was never there is
// absent. Without a SAM: nothing is authenticated, and EF06 is read where it is free (cards before 3.0).
// Errors: application_missing (none of them), and those of CardConnection.
Result<Json> readCard(apdu::Channel& channel);

// The same for people, on stdout.
void printReport(const Json& report);

} // namespace ykt::tools
