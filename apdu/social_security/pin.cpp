#include "apdu/exclusive.h"
#include "apdu/social_security/application.h"
#include "apdu/social_security/card.h"

#include <algorithm>

namespace ykt::apdu::social_security {
namespace {

constexpr StatusWord blocked = 0x6983;

// 63Cx: x tries are left.
std::optional<int> triesLeft(StatusWord status) {
    if (status == blocked)
        return 0;
    if ((status & 0xFFF0) == 0x63C0)
        return status & 0x0F;
    return std::nullopt;
}

// cn: two digits a byte, an odd count filled with F. Errors: input_malformed.
Result<Secret> packed(const Secret& digits) {
    constexpr std::size_t shortest = 4;
    constexpr std::size_t longest = 12;
    const auto text = digits.reveal();
    const auto isDigit = [](std::uint8_t c) { return c >= '0' && c <= '9'; };
    if (text.size() < shortest || text.size() > longest || !std::ranges::all_of(text, isDigit))
        return fail(Reason::input_malformed, "PIN");
    Bytes out((text.size() + 1) / 2, 0xFF);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = static_cast<std::uint8_t>(text[i] - '0');
        out[i / 2] = static_cast<std::uint8_t>(i % 2 == 0 ? digit << 4 | 0x0F : (out[i / 2] & 0xF0) | digit);
    }
    return Secret(std::move(out));
}

struct WipeAtEnd {
    Bytes& bytes;
    ~WipeAtEnd() { wipe(bytes); }
};

// 80 5E 01 00: present ‖ FF ‖ next.
Command changeOfPin(const Secret& present, const Secret& next) {
    constexpr ByteArray<1> separator{0xFF};
    return {0x80, 0x5E, 0x01, 0x00, concat({present.reveal(), separator, next.reveal()}), {}};
}

} // namespace

Result<void> SocialSecurityCard::verifyPin(const Secret& digits) {
    const auto pin = packed(digits);
    if (!pin)
        return failWith(pin);
    return sendPin(Command::verifyPin(pin->reveal()));
}

Result<void> SocialSecurityCard::changePin(const Secret& present, const Secret& next) {
    const auto presentPin = packed(present);
    const auto nextPin = packed(next);
    if (!presentPin || !nextPin)
        return failWith(presentPin ? nextPin : presentPin);
    return sendPin(changeOfPin(*presentPin, *nextPin));
}

Result<void> SocialSecurityCard::sendPin(Command command) {
    const WipeAtEnd wipeAtEnd{command.data};
    const auto exclusive = Exclusive::begin(channel_.card());
    if (!exclusive)
        return failWith(exclusive);
    if (const auto selected = selectApplication(channel_); !selected)
        return failWith(selected);
    const auto response = channel_.transmit(command);
    if (!response)
        return failWith(response);
    if (response->ok())
        return {};
    const auto left = triesLeft(response->status);
    if (left)
        return fail(*left == 0 ? Reason::pin_blocked : Reason::pin_wrong, "PIN");
    return tl::unexpected(statusError(command, response->status));
}

Result<int> SocialSecurityCard::pinTriesLeft() {
    const auto exclusive = Exclusive::begin(channel_.card());
    if (!exclusive)
        return failWith(exclusive);
    if (const auto selected = selectApplication(channel_); !selected)
        return failWith(selected);
    const auto command = Command::pinTriesLeft();
    const auto response = channel_.transmit(command);
    if (!response)
        return failWith(response);
    if (const auto left = triesLeft(response->status))
        return *left;
    return tl::unexpected(statusError(command, response->status));
}

} // namespace ykt::apdu::social_security
