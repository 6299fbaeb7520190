#include "qr/trust_anchors.h"

#include <array>

namespace ykt::qr {

std::string_view nameOf(CodeFormat format) {
    constexpr std::array<std::string_view, 3> names{"transit_code", "fusion_code", "electronic_card_code"};
    return names.at(static_cast<std::size_t>(format));
}

} // namespace ykt::qr
