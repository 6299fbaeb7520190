// What the signed code formats of this room check alike.
#pragma once

#include "base/time.h"
#include "crypto/sm2.h"

#include <optional>
#include <string>

namespace ykt::qr {

// Two decimal digits a byte. nullopt: a nibble above 9.
std::optional<std::string> decimalDigits(ByteView bcd);
// Printable ASCII without the space throughout, as tokens for an online verifier are.
bool isToken(ByteView bytes);
// Unsigned Unix seconds, big-endian, at most 4 bytes.
WallTime readUnixTime(ByteView bytes);

// Does `key` verify? A signature or key that is no good is the code's fault and gives `reason`; context
// `what`. Errors: `reason`, crypto_failed.
Result<void> checkSignature(const crypto::Sm2PublicKey& key, ByteView message, ByteView signature,
                            Reason reason, std::string_view what);
// The same with a key as it stands in the code (33 bytes).
Result<void> checkSignature(ByteView point, ByteView message, ByteView signature, Reason reason,
                            std::string_view what);

// Good from `aheadOfTerminal` before the time of generation to the last instant of its validity, both
// included. Errors: code_from_the_future, code_expired.
Result<void> checkTimes(WallTime generated, std::chrono::seconds validity,
                        std::chrono::seconds aheadOfTerminal, WallTime now);

} // namespace ykt::qr
