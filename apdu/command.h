// APDUs of ISO/IEC 7816-4: commands in all cases, short and extended, and responses.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <optional>

namespace ykt::apdu {

struct Command {
    std::uint8_t cla = 0;
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    Bytes data;                          // at most 65535 bytes
    std::optional<std::size_t> expected; // Ne, 1..65536; none: no Le field

    // Extended lengths are used where data or Ne do not fit a short field.
    [[nodiscard]] Bytes encode() const;
    // Errors: apdu_malformed.
    static Result<Command> decode(ByteView bytes);

    bool operator==(const Command&) const = default;

    // Named after the standard's commands. Files and SFIs: docs/cards.md.
    static Command select(ByteView aid);          // 00 A4 04 00
    static Command selectFile(std::uint16_t fid); // 00 A4 02 00
    static Command readRecordByTag(std::uint8_t sfi, std::uint8_t tag,
                                   std::size_t expected); // 00 B2, P2 = sfi‖000
    static Command readRecord(std::uint8_t sfi, std::uint8_t number,
                              std::size_t expected); // 00 B2, P2 = sfi‖100
    static Command readRecords(std::uint8_t sfi, std::uint8_t first,
                               std::size_t expected); // 00 B2, P2 = sfi‖101
    static Command readBinary(std::uint8_t sfi, std::uint8_t offset,
                              std::size_t expected);                                // 00 B0, P1 = 100‖sfi
    static Command getChallenge(std::size_t size);                                  // 00 84
    static Command internalAuthenticate(ByteView processFactor, ByteView original); // 00 88 00 00
    static Command externalAuthenticate(std::uint8_t keyId, ByteView authData,
                                        ByteView original); // 00 82 00 kid
    static Command verifyPin(ByteView pin);                 // 00 20; wipe the result after use
    static Command pinTriesLeft();                          // 00 20 without data
    static Command getResponse(std::size_t expected);       // 00 C0
    static Command deliverSessionKey(std::uint8_t usage, std::uint8_t keyId, ByteView data); // BF DE (PSAM)
    static Command cipherData(std::uint8_t p1, ByteView data);                               // 80 FA (PSAM)
};

using StatusWord = std::uint16_t;

struct Response {
    Bytes data;
    StatusWord status = 0;

    [[nodiscard]] bool ok() const { return status == 0x9000; }
    // Errors: apdu_malformed (under two bytes, or over 65538).
    static Result<Response> decode(ByteView bytes);
};

} // namespace ykt::apdu
