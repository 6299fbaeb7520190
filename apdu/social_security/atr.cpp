#include "apdu/social_security/atr.h"

#include <algorithm>
#include <bit>

namespace ykt::apdu::social_security {

Result<ByteArray<historicalSize>> historicalBytes(ByteView atr) {
    const auto malformed = [] { return fail(Reason::card_data_malformed, "ATR"); };
    if (atr.size() < 2)
        return malformed();
    const std::size_t count = atr[1] & 0x0F;
    // T0 and each TDi tell by their high half which of TA, TB, TC, TD follow; TD is the last of them.
    std::size_t position = 1;
    bool more = true;
    while (more) {
        if (position >= atr.size())
            return malformed();
        const auto present = static_cast<unsigned>(atr[position] >> 4);
        more = (present & 0b1000) != 0;
        position += static_cast<std::size_t>(std::popcount(present)) + (more ? 0 : 1);
    }
    if (count < historicalSize || atr.size() < position + count)
        return malformed();
    ByteArray<historicalSize> historical{};
    std::ranges::copy(atr.subspan(position, historicalSize), historical.begin());
    return historical;
}

} // namespace ykt::apdu::social_security
