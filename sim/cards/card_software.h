// The software of a simulated card, as seen through its contacts: an answer to reset, then answers to
// commands.
#pragma once

#include "base/bytes.h"

#include <optional>

namespace ykt::sim {

// How a card carries its answers. contact: T=0, so that a command with data and answer is first answered
// 61xx. contactless: ISO 14443-4, whole answers; the ATR is the one that PC/SC composes from the ATS.
enum class CardInterface { contact, contactless };

// One thread at a time may use a card. It does not know whether it is powered: whoever carries it calls
// reset() on power-up and on warm reset, and stops asking it once it has been pulled.
class CardSoftware {
  public:
    virtual ~CardSoftware() = default;

    // The answer to reset, at most 33 bytes, the same for the life of the card.
    [[nodiscard]] virtual Bytes atr() const = 0;

    // A whole R-APDU to a whole C-APDU of any content and length. nullopt: the card stays mute.
    virtual std::optional<Bytes> answer(ByteView command) = 0;

    // Forgets the security state and selects the MF. Retry counters stay: they are in non-volatile memory.
    virtual void reset() = 0;
};

} // namespace ykt::sim
