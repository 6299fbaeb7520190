// The MAC by which a terminal locks a listed purse.
#pragma once

#include "apdu/sam/sam.h"

namespace ykt::apdu::sam {

// Of the command 84 1E 00 00 04, under the key of the card that `issuer` and `serial` name; `challenge` is
// the card's. Two exchanges with the SAM, whose forms are inferred (docs/transit-purse.md). Errors:
// sam_missing, sam_refused, sam_locked.
Result<ByteArray<4>> applicationLockMac(Sam& sam, const ByteArray<8>& issuer, const ByteArray<8>& serial,
                                        const ByteArray<4>& challenge);

} // namespace ykt::apdu::sam
