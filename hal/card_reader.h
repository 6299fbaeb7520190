// Smart card readers: what a reader is, what happens to it, and how bytes travel to the card in it.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace ykt::hal {

enum class SlotKind { contact, contactless, sam };

struct ReaderInfo {
    std::string name;
    SlotKind kind = SlotKind::contact;
};

// A powered card. Destroying the connection leaves the card powered; it never throws.
class CardConnection {
  public:
    virtual ~CardConnection() = default;

    // The answer to reset (or the ATR that PC/SC composes for a contactless card), at most 33 bytes.
    [[nodiscard]] virtual Bytes atr() const = 0;

    // One raw exchange: `command` is a whole C-APDU, the result a whole R-APDU (at least SW1 SW2), unchecked.
    // Errors: card_gone, card_mute, reader_gone, reader_silent (given up on, and the connection is over),
    // service_gone, wire_failed.
    virtual Result<Bytes> transmit(ByteView command) = 0;

    // Warm reset: the card forgets its security state. Errors: as transmit.
    virtual Result<void> reset() = 0;

    // Keeps other programs from this card until endExclusive. Errors: as transmit, and reader_busy.
    virtual Result<void> beginExclusive() = 0;
    virtual void endExclusive() = 0;
};

struct CardEvent {
    enum class Kind { inserted, removed, reader_gone, reader_back, service_gone, service_back };
    Kind kind = Kind::removed;
    Bytes atr;            // of the card inserted, else empty
    MonotonicTime seen{}; // when the driver was told
};

class CardReader {
  public:
    virtual ~CardReader() = default;
    [[nodiscard]] virtual ReaderInfo info() const = 0;

    // The next event of this reader, oldest first; a card that is there at the start is an `inserted` event.
    // nullopt: nothing happened within `timeout`. Errors: cancelled (the token was stopped).
    virtual Result<std::optional<CardEvent>> nextEvent(std::stop_token stop, Milliseconds timeout) = 0;

    // Powers the card, if it is not, and connects. Errors: card_gone, card_mute, reader_gone, reader_silent,
    // reader_busy, service_gone, wire_failed.
    virtual Result<std::unique_ptr<CardConnection>> connect() = 0;
};

} // namespace ykt::hal
