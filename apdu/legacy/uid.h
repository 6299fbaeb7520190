// Contactless cards that have nothing but a number (regulation, article 7: cards that are being merged into
// the one card).
#pragma once

#include "apdu/channel.h"
#include "base/secret.h"

namespace ykt::apdu::legacy {

// FF CA 00 00 00, the pseudo-APDU by which the reader gives the UID (PC/SC part 3, 3.2.2.1.3): 4, 7 or 10
// bytes. A UID proves nothing: it can be copied, and some are drawn anew at each presentation (first byte 08,
// ISO 14443-3), which is refused. Errors: application_missing (a reader or card without UID),
// legacy_uid_random, card_data_malformed, and those of Channel.
Result<PersonalData<Bytes>> readUid(Channel& channel);

} // namespace ykt::apdu::legacy
