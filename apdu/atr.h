// The answer to reset (ISO/IEC 7816-3, 8.2), and what PC/SC part 3 makes of a contactless card in its place.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <optional>
#include <vector>

namespace ykt::apdu {

struct InterfaceByte {
    char letter = 'A'; // TA, TB, TC, TD
    int group = 1;     // TA1, TB1, ... then TA2, ...
    std::uint8_t value = 0;
};

struct Atr {
    std::uint8_t initial = 0; // TS: 3B direct convention, 3F inverse
    std::uint8_t format = 0;  // T0
    std::vector<InterfaceByte> interfaceBytes;
    std::vector<std::uint8_t> protocols; // T numbers in the order offered; T=0 where none is named
    Bytes historical;                    // at most 15
    std::size_t historicalAt = 0;        // where they begin
    std::optional<std::uint8_t> check;   // TCK
    bool checkHolds = true;              // false: the bytes do not add up, or a TCK that must be there is not
};

inline constexpr std::size_t maxAtrBytes = 33;

// Errors: card_data_malformed (not TS, bytes missing or left over, too long). A check byte that is wrong or
// missing is told, not refused: it has done its work before anything reads this.
Result<Atr> parseAtr(ByteView atr);

// The name that a reader gives a card without a processor: PC/SC part 3, 3.1.3.2.3.
struct StorageCard {
    std::uint8_t standard = 0; // SS: 03 ISO 14443 A part 3, 0B ISO 15693 part 3, ...
    std::uint16_t name = 0;    // NN: 0001 Mifare Standard 1K, 0002 Mifare Standard 4K, ...
};

// nullopt: the historical bytes are not of that form (80 4F 0C A000000306 SS NN NN 00000000).
std::optional<StorageCard> storageCardFrom(ByteView historical);

} // namespace ykt::apdu
