#include "apdu/social_security/factors.h"

#include <algorithm>

namespace ykt::apdu::social_security {

ByteArray<8> cityFactor(std::string_view cityCode) {
    ByteArray<8> factor{0, 0, 0, 0, 0, 0, 0x73, 0x78};
    std::ranges::copy(cityCode.substr(0, 6), factor.begin());
    return factor;
}

ByteArray<8> cardFactor(const ByteArray<historicalSize>& historical) {
    constexpr std::size_t t6 = 5;
    ByteArray<8> factor{};
    std::ranges::copy(ByteView(historical).subspan(t6, factor.size()), factor.begin());
    return factor;
}

} // namespace ykt::apdu::social_security
