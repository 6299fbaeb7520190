#include "qr/foreign_codes.h"

#include <algorithm>
#include <array>

namespace ykt::qr {
namespace {

char lowerCase(std::uint8_t c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

// `prefix` is in lower case; writers of these codes keep to no case.
bool startsWith(ByteView payload, std::string_view prefix) {
    return payload.size() >= prefix.size() &&
           std::ranges::equal(payload.first(prefix.size()), prefix, {}, lowerCase);
}

bool startsWithAny(ByteView payload, std::initializer_list<std::string_view> prefixes) {
    return std::ranges::any_of(prefixes, [&](std::string_view each) { return startsWith(payload, each); });
}

bool isPrintable(std::uint8_t c) {
    return c >= 0x20 && c < 0x7F;
}

// Only with "://" or a scheme's or host's usual beginning: the tokens of an electronic card are text as well.
bool isWebAddress(ByteView payload) {
    constexpr std::string_view mark = "://";
    return std::ranges::all_of(payload, isPrintable) && // a signature may hold the mark by chance
           (startsWithAny(payload, {"http:", "https:", "www."}) ||
            toText(payload).find(mark) != std::string::npos);
}

// What a holder shows to a merchant: digits only, whose first two tell the payer's bank or wallet.
// Published by the wallets (Alipay 25-30 and 16 to 24 digits, WeChat 10-15 and 18) and by UnionPay (62, 19).
bool isPaymentNumber(ByteView payload, int firstPrefix, int lastPrefix, std::size_t fewest,
                     std::size_t most) {
    if (payload.size() < fewest || payload.size() > most ||
        !std::ranges::all_of(payload, [](std::uint8_t c) { return c >= '0' && c <= '9'; }))
        return false;
    const int prefix = (payload[0] - '0') * 10 + (payload[1] - '0');
    return prefix >= firstPrefix && prefix <= lastPrefix;
}

// The line of a value-added tax invoice: "01,04,code,number,amount,date,check,".
bool isInvoice(ByteView payload) {
    return startsWith(payload, "01,") && std::ranges::count(payload, ',') >= 6;
}

// Terminals tell these from transit codes by their first bytes (grade C).
bool isAlipayTransitCode(ByteView payload) {
    return payload.size() > 2 && payload[0] == 0x02 && payload[1] == 0x01;
}
bool isCityCardCode(ByteView payload) {
    return payload.size() > 2 && payload[0] == 0x54 && (payload[1] == 0x01 || payload[1] == 0x02);
}
bool isUnifiedIssuingCode(ByteView payload) { // 55 is a letter too
    return payload.size() > 2 && payload[0] == 0x55 && !std::ranges::all_of(payload, isPrintable);
}

// "V1", from before JT/T 1179 (grade C): of a fixed size that no transit code has.
bool isEarlyTransitCode(ByteView payload) {
    constexpr std::size_t earlySize = 226;
    return payload.size() == earlySize && payload[3] <= 1;
}

// Bytes of the character that begins here in UTF-8 (RFC 3629); 0: none does.
std::size_t utf8Length(ByteView bytes) {
    const auto lead = bytes[0];
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (bytes.size() < length)
        return 0;
    const bool whole = std::all_of(bytes.begin() + 1, bytes.begin() + static_cast<std::ptrdiff_t>(length),
                                   [](std::uint8_t c) { return (c & 0xC0) == 0x80; });
    return length > 0 && whole ? length : 0;
}

// Chinese text, say: its first byte may look like a transit code's, whose bytes are never text throughout.
bool isTextBeyondAscii(ByteView payload) {
    bool beyond = false;
    while (!payload.empty()) {
        const auto length = utf8Length(payload);
        if (length == 0)
            return false;
        beyond = beyond || length > 1;
        payload = payload.subspan(length);
    }
    return beyond;
}

struct Recogniser {
    std::string_view name;
    bool (*claims)(ByteView);
};

constexpr std::array<Recogniser, 18> recognisers{{
    {"transit code of before JT/T 1179", isEarlyTransitCode},
    {"Alipay transit code", isAlipayTransitCode},
    {"city card code", isCityCardCode},
    {"unified issuing code", isUnifiedIssuingCode},
    {"WeChat payment code", [](ByteView p) { return isPaymentNumber(p, 10, 15, 18, 18); }},
    {"Alipay payment code", [](ByteView p) { return isPaymentNumber(p, 25, 30, 16, 24); }},
    {"UnionPay payment code", [](ByteView p) { return isPaymentNumber(p, 62, 62, 19, 19); }},
    {"e-CNY payment code", [](ByteView p) { return isPaymentNumber(p, 1, 1, 19, 19); }}, // grade C
    // EMV QR codes: a merchant's begins with its format indicator, a payer's is Base64 of 85 05 "CPV01".
    {"EMV payment code",
     [](ByteView p) {
         return startsWithAny(p, {"000201", "hqvdufy"});
     }},
    {"web address", isWebAddress},
    {"network or wallet",
     [](ByteView p) {
         return startsWithAny(p, {"lpa:", "bitcoin:", "ethereum:"});
     }},
    {"Wi-Fi network", [](ByteView p) { return startsWith(p, "wifi:"); }},
    {"contact",
     [](ByteView p) {
         return startsWithAny(p, {"begin:vcard", "mecard:"});
     }},
    {"telephone number",
     [](ByteView p) {
         return startsWithAny(p, {"tel:", "sms:", "smsto:"});
     }},
    {"mail address",
     [](ByteView p) {
         return startsWithAny(p, {"mailto:", "matmsg:"});
     }},
    {"place or date",
     [](ByteView p) {
         return startsWithAny(p, {"geo:", "begin:vevent"});
     }},
    {"invoice", isInvoice},
    {"text", isTextBeyondAscii},
}};

} // namespace

std::string_view foreignCode(ByteView payload) {
    const auto found =
        std::ranges::find_if(recognisers, [&](const Recogniser& each) { return each.claims(payload); });
    return found == recognisers.end() ? std::string_view{} : found->name;
}

} // namespace ykt::qr
