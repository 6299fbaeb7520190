// The parts of a profile that are about codes: [codes], [online_verifier]. Private to the room.
#pragma once

#include "firmware/config/settings.h"
#include "firmware/config/table_reader.h"

namespace ykt::firmware::config {

CodeSettings readCodes(TableReader table);
OnlineVerifierSettings readOnlineVerifier(TableReader table);

} // namespace ykt::firmware::config
