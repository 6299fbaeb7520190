// What kind of slot a reader is, from what it tells of itself.
#pragma once

#include "base/bytes.h"
#include "hal/card_reader.h"

#include <optional>
#include <string_view>

namespace ykt::drivers::pcsc {

// From the PC/SC name. A driver with several slots puts the slot's own name in brackets, "... [uTrust 4701 F
// CL Reader] (serial) 00 00", and that goes before the device's. nullopt: the name does not tell.
std::optional<hal::SlotKind> kindByName(std::string_view readerName);

// From SCARD_ATTR_ICC_TYPE_PER_ATR (PC/SC part 3, 3.1.3): 1 to 4 are cards of ISO 7816, 5 to 7 of ISO 14443
// and 15693. nullopt: unknown to the driver.
std::optional<hal::SlotKind> kindByCardType(std::uint8_t type);

// From a card's ATR, for want of better. Contactless: the form that PC/SC part 3, 3.1.3.2.3 composes,
// 3B 8x 80 01; a contact card may have such an ATR too, but it is rare.
hal::SlotKind kindByAtr(ByteView atr);

} // namespace ykt::drivers::pcsc
