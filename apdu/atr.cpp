#include "apdu/atr.h"

#include <algorithm>
#include <array>

namespace ykt::apdu {
namespace {

constexpr std::uint8_t directConvention = 0x3B;
constexpr std::uint8_t inverseConvention = 0x3F;

tl::unexpected<Error> malformed() {
    return fail(Reason::card_data_malformed, "ATR");
}

// The interface bytes from `position` on, which ends up at the first historical byte. T0 and each TDi tell by
// their high half which of TA, TB, TC, TD follow; TD is the last of them.
Result<std::vector<InterfaceByte>> interfaceBytesOf(ByteView atr, std::size_t& position) {
    constexpr std::array letters{'A', 'B', 'C', 'D'};
    std::vector<InterfaceByte> found;
    auto present = static_cast<unsigned>(atr[1] >> 4);
    for (int group = 1; present != 0; ++group) {
        const auto announced = present;
        present = 0;
        for (std::size_t i = 0; i < letters.size(); ++i) {
            if ((announced >> i & 1U) == 0)
                continue;
            if (position >= atr.size())
                return malformed();
            const auto value = atr[position++];
            found.push_back({letters.at(i), group, value});
            if (letters.at(i) == 'D')
                present = static_cast<unsigned>(value >> 4);
        }
    }
    return found;
}

std::vector<std::uint8_t> protocolsOf(const std::vector<InterfaceByte>& bytes) {
    std::vector<std::uint8_t> protocols;
    for (const auto& byte : bytes)
        if (byte.letter == 'D')
            protocols.push_back(byte.value & 0x0F);
    if (protocols.empty())
        protocols.push_back(0);
    return protocols;
}

} // namespace

Result<Atr> parseAtr(ByteView bytes) {
    if (bytes.size() < 2 || bytes.size() > maxAtrBytes ||
        (bytes[0] != directConvention && bytes[0] != inverseConvention))
        return malformed();
    Atr atr;
    atr.initial = bytes[0];
    atr.format = bytes[1];
    std::size_t position = 2;
    auto interfaceBytes = interfaceBytesOf(bytes, position);
    if (!interfaceBytes)
        return failWith(interfaceBytes);
    atr.interfaceBytes = std::move(*interfaceBytes);
    atr.protocols = protocolsOf(atr.interfaceBytes);
    const std::size_t count = atr.format & 0x0F;
    const auto rest = bytes.subspan(position);
    if (rest.size() != count && rest.size() != count + 1)
        return malformed();
    atr.historicalAt = position;
    atr.historical.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
    const bool checkNeeded = std::ranges::any_of(atr.protocols, [](auto number) { return number != 0; });
    atr.checkHolds = !checkNeeded;
    if (rest.size() == count + 1) {
        atr.check = rest.back();
        std::uint8_t sum = 0; // T0..TCK together make zero
        for (const auto byte : bytes.subspan(1))
            sum = static_cast<std::uint8_t>(sum ^ byte);
        atr.checkHolds = sum == 0;
    }
    return atr;
}

std::optional<StorageCard> storageCardFrom(ByteView historical) {
    constexpr ByteArray<8> head{0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06};
    constexpr std::size_t size = 15;
    if (historical.size() != size || !std::ranges::equal(historical.first(head.size()), head))
        return std::nullopt;
    return StorageCard{historical[head.size()],
                       static_cast<std::uint16_t>(readBigEndian(historical.subspan(head.size() + 1, 2)))};
}

} // namespace ykt::apdu
