// The social security application (SSSE) among a card's applications.
#pragma once

#include "apdu/channel.h"
#include "apdu/social_security/card.h"

namespace ykt::apdu::social_security {

// SELECT by AID, wherever the application stands: at the MF or in a directory below it. A card that does not
// find it by name is asked for directory DDF1, which counts only if it bears the application's name. Gives
// the algorithm that the FCI names, if it names one. Errors: application_missing, application_locked,
// algorithm_unknown, tlv_malformed, and those of Channel.
Result<std::optional<Algorithm>> selectApplication(Channel& channel);

} // namespace ykt::apdu::social_security
