// Which bytes of a session may be shown. Everything is masked unless a rule here lets it through: the bytes
// that say what a card is and how it answers, none that say whose it is or what it proves (docs/trace.md).
#pragma once

#include "apdu/command.h"

#include <optional>
#include <string>
#include <vector>

namespace ykt::apdu {

using MaskedBytes = std::vector<std::optional<std::uint8_t>>; // nullopt: masked

// All shown, for bytes of an invented card.
MaskedBytes shown(ByteView bytes);

// `bytes` with `filler` in the masked places. The default, an ASCII 0, is a digit in every format that cards
// use, so that most masked data still reads as data.
Bytes filled(const MaskedBytes& masked, std::uint8_t filler = 0x30);

// Lower-case hexadecimal, each masked byte as "**".
std::string toHex(const MaskedBytes& masked);

// Whether `bytes` has the length and the shown bytes of `pattern`.
bool matches(const MaskedBytes& pattern, ByteView bytes);

// Chip, card software, maker and region; not the serial number (LD/T 32 part 2, table 16), nor the check
// byte, which would tell of it. Historical bytes of any other form but PC/SC part 3's are masked.
MaskedBytes maskedAtr(ByteView atr);

// Follows a session, since what a file holds depends on the application that was selected before.
class TraceMasking {
  public:
    MaskedBytes command(ByteView command);
    MaskedBytes answer(ByteView answer); // to the last command
    void reset();

    enum class Application { none, social_security, transit, financial };

  private:
    void followSelection();
    void revealTo(MaskedBytes& masked, ByteView data) const;

    Application application_ = Application::none;
    std::uint8_t currentFile_ = 0; // SFI of the EF that was selected by its identifier; 0: none
    std::optional<Command> asked_; // whose answer comes next, through GET RESPONSE too
    bool inPieces_ = false;        // part of the answer came before
};

} // namespace ykt::apdu
