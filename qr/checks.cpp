#include "qr/checks.h"

#include <algorithm>

namespace ykt::qr {

std::optional<std::string> decimalDigits(ByteView bcd) {
    std::string digits;
    digits.reserve(bcd.size() * 2);
    for (const auto byte : bcd) {
        const int high = byte >> 4;
        const int low = byte & 15;
        if (high > 9 || low > 9)
            return std::nullopt;
        digits.push_back(static_cast<char>('0' + high));
        digits.push_back(static_cast<char>('0' + low));
    }
    return digits;
}

bool isToken(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t c) { return c > 0x20 && c < 0x7F; });
}

WallTime readUnixTime(ByteView bytes) {
    return wallFromUnixSeconds(static_cast<std::int64_t>(readBigEndian(bytes)));
}

Result<void> checkSignature(const crypto::Sm2PublicKey& key, ByteView message, ByteView signature,
                            Reason reason, std::string_view what) {
    const auto verified = key.verify(message, signature);
    if (!verified && verified.error() == Reason::signature_invalid)
        return fail(reason, std::string{what});
    return verified;
}

Result<void> checkSignature(ByteView point, ByteView message, ByteView signature, Reason reason,
                            std::string_view what) {
    const auto key = crypto::Sm2PublicKey::fromPoint(point);
    if (!key && key.error() == Reason::key_invalid)
        return fail(reason, std::string{what} + ": its key is not a point of the curve");
    if (!key)
        return failWith(key);
    return checkSignature(*key, message, signature, reason, what);
}

Result<void> checkTimes(WallTime generated, std::chrono::seconds validity,
                        std::chrono::seconds aheadOfTerminal, WallTime now) {
    if (generated > now + aheadOfTerminal)
        return fail(Reason::code_from_the_future);
    if (now > generated + validity)
        return fail(Reason::code_expired);
    return {};
}

} // namespace ykt::qr
