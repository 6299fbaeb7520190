#include "apdu/trace_masking.h"

#include "apdu/atr.h"
#include "apdu/trace_rules.h"
#include "base/hex.h"

#include <algorithm>

namespace ykt::apdu {
namespace {

using Application = TraceMasking::Application;

constexpr std::uint8_t select = 0xA4;
constexpr std::uint8_t readBinary = 0xB0;
constexpr std::uint8_t readRecord = 0xB2;
constexpr std::uint8_t getResponse = 0xC0;
constexpr std::uint8_t getData = 0xCA;
constexpr std::uint32_t recordTemplate = 0x70;

constexpr std::uint8_t issuerFile = 0x05; // social security EF05
constexpr std::uint8_t holderFile = 0x06; // social security EF06

bool is(const Command& command, std::uint8_t cla, std::uint8_t ins) {
    return command.cla == cla && command.ins == ins;
}

bool selectsByName(const Command& command) {
    return is(command, 0x00, select) && command.p1 == 0x04;
}

Application applicationOf(ByteView aid) {
    constexpr ByteArray<7> socialSecurity{0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E}; // "sx1.sh."
    constexpr ByteArray<7> transit{0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01};
    constexpr ByteArray<5> financial{0xA0, 0x00, 0x00, 0x03, 0x33};
    const auto startsWith = [aid](ByteView head) {
        return aid.size() >= head.size() && std::ranges::equal(aid.first(head.size()), head);
    };
    if (startsWith(socialSecurity))
        return Application::social_security;
    if (startsWith(transit))
        return Application::transit;
    return startsWith(financial) ? Application::financial : Application::none;
}

// SFI of a READ RECORD or READ BINARY; `current` where the command names none.
std::uint8_t fileOf(const Command& command, std::uint8_t current) {
    if (command.ins == readRecord)
        return command.p2 >> 3 == 0 ? current : static_cast<std::uint8_t>(command.p2 >> 3);
    return (command.p1 & 0x80) != 0 ? static_cast<std::uint8_t>(command.p1 & 0x1F) : current;
}

bool selectionDone(StatusWord status) {
    const auto kind = status >> 8;
    return kind == 0x90 || kind == 0x61 || kind == 0x62;
}

} // namespace

MaskedBytes shown(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

Bytes filled(const MaskedBytes& masked, std::uint8_t filler) {
    Bytes bytes;
    bytes.reserve(masked.size());
    for (const auto& byte : masked)
        bytes.push_back(byte.value_or(filler));
    return bytes;
}

std::string toHex(const MaskedBytes& masked) {
    std::string text;
    text.reserve(2 * masked.size());
    for (const auto& byte : masked)
        text += byte ? ykt::toHex(ByteView(&*byte, 1)) : "**";
    return text;
}

bool matches(const MaskedBytes& pattern, ByteView bytes) {
    return std::ranges::equal(pattern, bytes,
                              [](const auto& wanted, auto byte) { return !wanted || *wanted == byte; });
}

MaskedBytes maskedAtr(ByteView bytes) {
    constexpr std::size_t socialSecuritySize = 13; // T1..TD
    constexpr std::size_t beforeSerial = 9;        // TA..TD are the serial number
    MaskedBytes masked(bytes.size());
    const auto atr = parseAtr(bytes);
    if (!atr)
        return masked;
    Revealed revealed(masked, bytes);
    revealed.show(0, atr->historicalAt);
    if (storageCardFrom(atr->historical))
        revealed.show(0, bytes.size());
    else if (atr->historical.size() == socialSecuritySize)
        revealed.show(atr->historicalAt, beforeSerial);
    return masked;
}

MaskedBytes TraceMasking::command(ByteView bytes) {
    constexpr std::size_t headerSize = 4;
    constexpr std::size_t longestName = 16;
    MaskedBytes masked(bytes.size());
    Revealed revealed(masked, bytes);
    revealed.show(0, headerSize);
    auto decoded = Command::decode(bytes);
    const bool goesOn = decoded && is(*decoded, 0x00, getResponse);
    if (!goesOn) {
        asked_.reset();
        inPieces_ = false;
    }
    if (!decoded)
        return masked;
    const std::size_t lengthSize = bytes.size() > headerSize + 1 && bytes[headerSize] == 0 ? 3 : 1;
    const auto dataAt = headerSize + lengthSize;
    revealed.show(headerSize, decoded->data.empty() ? bytes.size() : lengthSize);
    revealed.show(dataAt + decoded->data.size(), bytes.size());
    if (is(*decoded, 0x00, select) && decoded->data.size() <= longestName)
        revealed.show(dataAt, decoded->data.size());
    if (!goesOn) {
        if (!is(*decoded, 0x00, select))
            wipe(decoded->data); // it may be a PIN
        asked_ = std::move(*decoded);
    }
    return masked;
}

MaskedBytes TraceMasking::answer(ByteView bytes) {
    constexpr std::size_t statusSize = 2;
    MaskedBytes masked(bytes.size());
    if (bytes.size() < statusSize)
        return masked;
    const auto data = bytes.first(bytes.size() - statusSize);
    const auto status = static_cast<StatusWord>(readBigEndian(bytes.subspan(data.size())));
    const auto kind = status >> 8;
    Revealed(masked, bytes).show(data.size(), statusSize);
    if (!asked_)
        return masked;
    if (is(*asked_, 0x00, select) && selectionDone(status))
        followSelection();
    inPieces_ = inPieces_ || (kind == 0x61 && !data.empty()); // pieces cannot be judged one by one
    if (!inPieces_)
        revealTo(masked, data);
    if (kind != 0x61 && kind != 0x6C)
        asked_.reset();
    return masked;
}

void TraceMasking::reset() {
    *this = TraceMasking();
}

void TraceMasking::followSelection() {
    constexpr std::uint8_t elementaryFile = 0xEF;
    const auto& data = asked_->data;
    currentFile_ = 0;
    if (selectsByName(*asked_))
        application_ = applicationOf(data);
    else if (data.size() == 2 && data[0] == elementaryFile)
        currentFile_ = data[1];
    else
        application_ = Application::none;
}

// What the answer to `asked_` may show, by application and file.
void TraceMasking::revealTo(MaskedBytes& masked, ByteView data) const {
    Revealed revealed(masked, data);
    const auto& asked = *asked_;
    const auto file = fileOf(asked, currentFile_);
    if (is(asked, 0x00, select)) {
        revealed.showControlInformation(application_);
        return;
    }
    switch (application_) {
    case Application::social_security:
        if (is(asked, 0x00, readRecord) && (file == issuerFile || file == holderFile))
            revealed.showSocialSecurityRecords();
        break;
    case Application::transit:
        if (is(asked, 0x00, readBinary) && asked.p2 == 0)
            revealed.showPurseFile(file);
        break;
    case Application::financial:
        if (is(asked, 0x00, readRecord))
            revealed.showFinancialObject(recordTemplate);
        else if (is(asked, 0x80, getData))
            revealed.showFinancialObject(static_cast<std::uint32_t>(asked.p1 << 8 | asked.p2));
        break;
    case Application::none:
        break;
    }
}

} // namespace ykt::apdu
