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
    static Command getData(std::uint16_t tag);                                               // 80 CA
    static Command getUid(); // FF CA 00 00 (PC/SC part 3: the reader answers)

    // Of the electronic purse and its SAM. Amounts in fen. Fields and their sizes: docs/transit-purse.md.
    static Command getBalance(); // 80 5C 00 02
    static Command initialiseForPurchase(std::uint8_t p1, std::uint8_t keyIndex, std::uint32_t amountFen,
                                         ByteView terminal);                                  // 80 50 p1 02
    static Command updateRecord(std::uint8_t sfi, std::uint8_t recordId, ByteView content);   // 80 DC
    static Command debitForPurchase(ByteView terminalSequence, ByteView time, ByteView mac1); // 80 54 01 00
    static Command getTransactionProof(std::uint8_t type, std::uint16_t counter);             // 80 5A 00
    static Command applicationLock(ByteView mac);                                             // 84 1E 00 00
    static Command initSamForPurchase(ByteView data);                                         // 80 70 (PSAM)
    static Command creditSam(ByteView mac2);                                                  // 80 72 (PSAM)
    static Command initialiseCipher(std::uint8_t usage, std::uint8_t keyId, ByteView data);   // 80 1A (PSAM)
    static Command messageMac(ByteView initial, ByteView message); // 80 FA 05 00 (PSAM)
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
