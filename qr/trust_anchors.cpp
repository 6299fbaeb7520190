#include "qr/trust_anchors.h"

#include <algorithm>
#include <array>

namespace ykt::qr {

std::string_view nameOf(CodeFormat format) {
    constexpr std::array<std::string_view, 3> names{"transit_code", "fusion_code", "electronic_card_code"};
    return names.at(static_cast<std::size_t>(format));
}

void TrustAnchors::add(CodeFormat format, std::uint8_t index, CaKey key) {
    auto& keys = keys_[{format, index}];
    const auto same = std::ranges::find(keys, key.key, &CaKey::key);
    if (same == keys.end())
        keys.push_back(std::move(key));
    else
        *same = std::move(key);
}

std::span<const CaKey> TrustAnchors::find(CodeFormat format, std::uint8_t index) const {
    const auto found = keys_.find({format, index});
    return found == keys_.end() ? std::span<const CaKey>{} : std::span<const CaKey>{found->second};
}

} // namespace ykt::qr
