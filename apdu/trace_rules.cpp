#include "apdu/trace_rules.h"

#include "apdu/tlv.h"

#include <algorithm>
#include <array>

namespace ykt::apdu {
namespace {

using Application = TraceMasking::Application;

constexpr std::uint32_t fileControlInformation = 0x6F;
constexpr std::uint32_t issuerDiscretionary = 0x9F0C;

// Name, label, priority, directory, version, languages, code table, options wanted, where the log is.
constexpr std::array<std::uint32_t, 11> controlValues{0x84,   0x4F,   0x50,   0x87,   0x88,  0x9F08,
                                                      0x5F2D, 0x9F11, 0x9F12, 0x9F38, 0x9F4D};
constexpr std::array<std::uint32_t, 1> discretionaryValues{0x86}; // algorithm
constexpr std::array<std::uint32_t, 1> financialValues{0x5F24};   // expiry

// A record of EF05 or EF06: how many bytes of its value are shown, and how many it may have.
struct RecordRule {
    std::uint8_t tag;
    std::uint8_t shown;
    std::uint8_t most;
};
constexpr std::array<RecordRule, 14> recordRules{{{0x01, 3, 16},   // card identifier: the issuing city
                                                  {0x02, 1, 1},    // card class
                                                  {0x03, 4, 4},    // version
                                                  {0x04, 0, 12},   // initialising institution
                                                  {0x05, 4, 4},    // issued
                                                  {0x06, 4, 4},    // expires
                                                  {0x07, 0, 9},    // card number
                                                  {0x08, 0, 18},   // social security number
                                                  {0x09, 0, 30},   // name
                                                  {0x0A, 0, 1},    // sex
                                                  {0x0B, 0, 1},    // people
                                                  {0x0C, 0, 3},    // birth place
                                                  {0x0D, 0, 4},    // birth date
                                                  {0x4E, 0, 20}}}; // name, continued

// Of the object in front, in BER-TLV that was parsed before; a byte of padding is one without a value.
TlvHeader headerOf(ByteView bytes) {
    const auto header = bytes.front() == 0 ? TlvHeader{.size = 1} : readTlvHeader(bytes);
    return header ? *header : TlvHeader{.size = bytes.size()};
}

bool isOneObject(ByteView bytes, std::uint32_t tag) {
    const auto header = readTlvHeader(bytes);
    return header && header->tag == tag && header->size + header->length == bytes.size();
}

} // namespace

void Revealed::show(std::size_t from, std::size_t count) {
    for (std::size_t i = from; i < bytes_.size() && i - from < count; ++i)
        masked_[i] = bytes_[i];
}

void Revealed::showControlInformation(Application application) {
    if (isOneObject(bytes_, fileControlInformation))
        showObjects(0, bytes_.size(), controlValues, application);
}

void Revealed::showSocialSecurityRecords() {
    constexpr std::size_t headerSize = 2;
    for (std::size_t at = 0; at + headerSize <= bytes_.size();) {
        const std::size_t length = bytes_[at + 1];
        const auto* rule = std::ranges::find(recordRules, bytes_[at], &RecordRule::tag);
        if (rule == recordRules.end() || length > rule->most)
            return;
        show(at, headerSize + std::min<std::size_t>(length, rule->shown));
        at += headerSize + length;
    }
}

void Revealed::showPurseFile(std::uint8_t sfi) {
    constexpr std::uint8_t publicInformation = 0x15;
    constexpr std::uint8_t managementInformation = 0x17;
    constexpr std::size_t toCardType = 11;
    if (sfi == publicInformation)
        showPublicInformation(0);
    else if (sfi == managementInformation)
        show(0, toCardType);
}

void Revealed::showFinancialObject(std::uint32_t tag) {
    if (isOneObject(bytes_, tag))
        showObjects(0, bytes_.size(), financialValues);
}

void Revealed::showObjects(std::size_t from, std::size_t count, Tags tags, Application application) {
    auto rest = bytes_.subspan(from, count);
    if (!parseTlv(rest))
        return;
    while (!rest.empty()) {
        const auto header = headerOf(rest);
        const auto valueAt = from + header.size;
        show(from, header.size);
        if (header.constructed)
            showObjects(valueAt, header.length, tags, application);
        else if (header.tag == issuerDiscretionary)
            showDiscretionary(valueAt, header.length, application);
        else if (std::ranges::find(tags, header.tag) != tags.end())
            show(valueAt, header.length);
        from = valueAt + header.length;
        rest = rest.subspan(header.size + header.length);
    }
}

void Revealed::showDiscretionary(std::size_t from, std::size_t count, Application application) {
    constexpr std::size_t publicInformationSize = 30;
    if (application == Application::social_security)
        showObjects(from, count, discretionaryValues);
    else if (application == Application::transit && count == publicInformationSize)
        showPublicInformation(from);
}

void Revealed::showPublicInformation(std::size_t from) {
    constexpr std::size_t toVersion = 10; // then ten bytes of serial number
    constexpr std::size_t datesAt = 20;
    constexpr std::size_t datesSize = 8;
    show(from, toVersion);
    show(from + datesAt, datesSize);
}

} // namespace ykt::apdu
