#include "apdu/command.h"

namespace ykt::apdu {
namespace {

constexpr std::size_t shortLimit = 256;
constexpr std::size_t extendedLimit = 65536;
constexpr std::size_t maxResponseSize = extendedLimit + 2;

void appendLength(Bytes& out, std::size_t length, bool extended) {
    appendBigEndian(out, length, extended ? 2 : 1); // the full range is written as zero
}

// Le, where zero stands for the whole range of the field.
std::size_t readExpected(ByteView field) {
    const auto value = static_cast<std::size_t>(readBigEndian(field));
    if (value != 0)
        return value;
    return field.size() == 1 ? shortLimit : extendedLimit;
}

std::uint8_t recordReference(std::uint8_t sfi, std::uint8_t form) {
    return static_cast<std::uint8_t>(sfi << 3 | form);
}

tl::unexpected<Error> malformed() {
    return fail(Reason::apdu_malformed, "command APDU");
}

} // namespace

Bytes Command::encode() const {
    const bool extended = data.size() >= shortLimit || expected.value_or(0) > shortLimit;
    Bytes out{cla, ins, p1, p2};
    out.reserve(out.size() + data.size() + 5);
    if (extended)
        out.push_back(0);
    if (!data.empty()) {
        appendLength(out, data.size(), extended);
        out.insert(out.end(), data.begin(), data.end());
    }
    if (expected)
        appendLength(out, *expected, extended);
    return out;
}

Result<Command> Command::decode(ByteView bytes) {
    if (bytes.size() < 4)
        return malformed();
    Command command{bytes[0], bytes[1], bytes[2], bytes[3], {}, {}};
    auto body = bytes.subspan(4);
    if (body.empty())
        return command;
    std::size_t width = 1;
    if (body[0] == 0 && body.size() > 1) { // extended: a zero byte, then two-byte fields
        width = 2;
        body = body.subspan(1);
    }
    if (body.size() < width)
        return malformed();
    if (body.size() == width) {
        command.expected = readExpected(body);
        return command;
    }
    const auto length = static_cast<std::size_t>(readBigEndian(body.first(width)));
    body = body.subspan(width);
    if (length == 0 || (body.size() != length && body.size() != length + width))
        return malformed();
    command.data.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(length));
    if (body.size() > length)
        command.expected = readExpected(body.subspan(length));
    return command;
}

Command Command::select(ByteView aid) {
    return {0x00, 0xA4, 0x04, 0x00, Bytes(aid.begin(), aid.end()), shortLimit};
}

Command Command::selectFile(std::uint16_t fid) {
    Command command{0x00, 0xA4, 0x02, 0x00, {}, shortLimit};
    appendBigEndian(command.data, fid, 2);
    return command;
}

Command Command::readRecordByTag(std::uint8_t sfi, std::uint8_t tag, std::size_t expected) {
    return {0x00, 0xB2, tag, recordReference(sfi, 0b000), {}, expected};
}

Command Command::readRecord(std::uint8_t sfi, std::uint8_t number, std::size_t expected) {
    return {0x00, 0xB2, number, recordReference(sfi, 0b100), {}, expected};
}

Command Command::readRecords(std::uint8_t sfi, std::uint8_t first, std::size_t expected) {
    return {0x00, 0xB2, first, recordReference(sfi, 0b101), {}, expected};
}

Command Command::readBinary(std::uint8_t sfi, std::uint8_t offset, std::size_t expected) {
    return {0x00, 0xB0, static_cast<std::uint8_t>(0x80 | sfi), offset, {}, expected};
}

Command Command::getChallenge(std::size_t size) {
    return {0x00, 0x84, 0x00, 0x00, {}, size};
}

Command Command::internalAuthenticate(ByteView processFactor, ByteView original) {
    return {0x00, 0x88, 0x00, 0x00, concat({processFactor, original}), 8};
}

Command Command::externalAuthenticate(std::uint8_t keyId, ByteView authData, ByteView original) {
    return {0x00, 0x82, 0x00, keyId, concat({authData, original}), {}};
}

Command Command::verifyPin(ByteView pin) {
    return {0x00, 0x20, 0x00, 0x00, Bytes(pin.begin(), pin.end()), {}};
}

Command Command::pinTriesLeft() {
    return {0x00, 0x20, 0x00, 0x00, {}, {}};
}

Command Command::getResponse(std::size_t expected) {
    return {0x00, 0xC0, 0x00, 0x00, {}, expected};
}

Command Command::deliverSessionKey(std::uint8_t usage, std::uint8_t keyId, ByteView data) {
    return {0xBF, 0xDE, usage, keyId, Bytes(data.begin(), data.end()), {}};
}

Command Command::cipherData(std::uint8_t p1, ByteView data) {
    return {0x80, 0xFA, p1, 0x00, Bytes(data.begin(), data.end()), data.size()};
}

Command Command::getData(std::uint16_t tag) {
    return {0x80, 0xCA, static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag), {}, shortLimit};
}

Command Command::getUid() {
    return {0xFF, 0xCA, 0x00, 0x00, {}, shortLimit};
}

Command Command::getBalance() {
    return {0x80, 0x5C, 0x00, 0x02, {}, 4};
}

Command Command::initialiseForPurchase(std::uint8_t p1, std::uint8_t keyIndex, std::uint32_t amountFen,
                                       ByteView terminal) {
    Command command{0x80, 0x50, p1, 0x02, {keyIndex}, 15};
    appendBigEndian(command.data, amountFen, 4);
    command.data.insert(command.data.end(), terminal.begin(), terminal.end());
    return command;
}

Command Command::updateRecord(std::uint8_t sfi, std::uint8_t recordId, ByteView content) {
    return {0x80, 0xDC, recordId, recordReference(sfi, 0b000), Bytes(content.begin(), content.end()), {}};
}

Command Command::debitForPurchase(ByteView terminalSequence, ByteView time, ByteView mac1) {
    return {0x80, 0x54, 0x01, 0x00, concat({terminalSequence, time, mac1}), 8};
}

Command Command::getTransactionProof(std::uint8_t type, std::uint16_t counter) {
    Command command{0x80, 0x5A, 0x00, type, {}, 8};
    appendBigEndian(command.data, counter, 2);
    return command;
}

Command Command::applicationLock(ByteView mac) {
    return {0x84, 0x1E, 0x00, 0x00, Bytes(mac.begin(), mac.end()), {}};
}

Command Command::initSamForPurchase(ByteView data) {
    return {0x80, 0x70, 0x00, 0x00, Bytes(data.begin(), data.end()), 8};
}

Command Command::creditSam(ByteView mac2) {
    return {0x80, 0x72, 0x00, 0x00, Bytes(mac2.begin(), mac2.end()), {}};
}

Command Command::initialiseCipher(std::uint8_t usage, std::uint8_t keyId, ByteView data) {
    return {0x80, 0x1A, usage, keyId, Bytes(data.begin(), data.end()), {}};
}

Command Command::messageMac(ByteView initial, ByteView message) {
    return {0x80, 0xFA, 0x05, 0x00, concat({initial, message}), 4};
}

Result<Response> Response::decode(ByteView bytes) {
    if (bytes.size() < 2 || bytes.size() > maxResponseSize)
        return fail(Reason::apdu_malformed, "response APDU");
    const auto split = bytes.size() - 2;
    return Response{Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(split)),
                    static_cast<StatusWord>(readBigEndian(bytes.subspan(split)))};
}

} // namespace ykt::apdu
