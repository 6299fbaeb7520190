// What the many codes of PC/SC mean to a terminal. The only place that gives them a meaning.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string_view>

namespace ykt::drivers::pcsc {

struct Folding {
    Reason reason{};
    // The code alone does not tell: the reader's next state decides, and `reason` holds if nothing happens to
    // the reader. A card pulled in mid-APDU gives SCARD_E_NOT_TRANSACTED, the empty reader is reported about
    // 130 ms later, and only then comes SCARD_W_REMOVED_CARD (measured, pcscd 1.9.9).
    bool ask = false;
};

// `code`: any SCARD_* code but SCARD_S_SUCCESS; one that the list does not have is wire_failed.
Folding fold(std::uint32_t code);

// Whether fold() knows the code by name.
bool isListed(std::uint32_t code);

// An error whose context is the call and the code in hexadecimal: "SCardTransmit 80100016".
tl::unexpected<Error> failed(Reason reason, std::string_view call, std::uint32_t code);

} // namespace ykt::drivers::pcsc
