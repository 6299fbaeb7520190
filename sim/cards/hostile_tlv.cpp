#include "sim/cards/hostile_tlv.h"

#include <array>

namespace ykt::sim {
namespace {

// FCI of the social security application, of a purse, and a record of a bank application: all well formed.
const std::array<Bytes, 3>& wellFormed() {
    static const std::array<Bytes, 3> all{Bytes{0x6F, 0x1C, 0x84, 0x0F, 0x73, 0x78, 0x31, 0x2E, 0x73, 0x68,
                                                0x2E, 0xC9, 0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF, 0xA5,
                                                0x09, 0x88, 0x01, 0x1E, 0x9F, 0x0C, 0x03, 0x86, 0x01, 0x03},
                                          Bytes{0x6F, 0x12, 0x84, 0x08, 0xA0, 0x00, 0x00, 0x06, 0x32, 0x01,
                                                0x01, 0x05, 0xA5, 0x06, 0x9F, 0x0C, 0x03, 0x01, 0x01, 0x00},
                                          Bytes{0x70, 0x10, 0x5A, 0x08, 0x00, 0x00, 0x00, 0x12, 0x34, 0x56,
                                                0x78, 0x97, 0x5F, 0x24, 0x03, 0x34, 0x02, 0x28}};
    return all;
}

// A length that no value can have here.
const std::array<Bytes, 6>& lyingLengths() {
    static const std::array<Bytes, 6> all{Bytes{0x7F},
                                          Bytes{0x81, 0xFF},
                                          Bytes{0x82, 0xFF, 0xFF},
                                          Bytes{0x84, 0xFF, 0xFF, 0xFF, 0xFF},
                                          Bytes{0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
                                          Bytes{0x80}}; // indefinite
    return all;
}

// Templates in templates: each A5 holds the next.
Bytes nested(std::size_t depth) {
    Bytes inner{0x88, 0x01, 0x1E};
    for (std::size_t i = 0; i < depth && inner.size() < 120; ++i)
        inner = concat({Bytes{0xA5, static_cast<std::uint8_t>(inner.size())}, inner});
    return concat({Bytes{0x6F, static_cast<std::uint8_t>(inner.size())}, inner});
}

// A tag that goes on and on.
Bytes endlessTag(std::size_t size) {
    Bytes out{0x6F, static_cast<std::uint8_t>(size + 1), 0x9F};
    out.resize(out.size() + size, 0xFF);
    return out;
}

// A well formed one with one length replaced, so that the tags around it still look right.
Bytes withLie(const Draw& draw) {
    const auto& honest = wellFormed()[draw(wellFormed().size())];
    const auto& lie = lyingLengths()[draw(lyingLengths().size())];
    constexpr std::size_t outerLength = 1;
    constexpr std::size_t innerLength = 3;
    const auto at = draw(2) == 0 ? outerLength : innerLength;
    const ByteView view(honest);
    return concat({view.first(at), lie, view.subspan(at + 1)});
}

} // namespace

Bytes truncatedTlv(const Draw& draw) {
    auto out = wellFormed()[draw(wellFormed().size())];
    out.resize(1 + draw(out.size() - 1));
    return out;
}

Bytes evilTlv(const Draw& draw) {
    constexpr std::size_t kinds = 6;
    switch (draw(kinds)) {
    case 0:
        return nested(1 + draw(60));
    case 1:
        return endlessTag(1 + draw(100));
    case 2:
        return Bytes(1 + draw(255), 0x00); // nothing but padding
    default:
        return withLie(draw);
    }
}

} // namespace ykt::sim
