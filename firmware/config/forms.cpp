#include "firmware/config/forms.h"

#include <algorithm>
#include <charconv>

namespace ykt::firmware::config::forms {
namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isLower(char c) {
    return c >= 'a' && c <= 'z';
}
bool isUpper(char c) {
    return c >= 'A' && c <= 'Z';
}

template <typename Predicate>
bool consistsOf(std::string_view text, std::size_t longest, Predicate allowed) {
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, allowed);
}

bool isTerminalId(std::string_view text) {
    return consistsOf(text, 32, [](char c) { return isUpper(c) || isDigit(c) || c == '-'; });
}

template <std::size_t count>
bool isDigits(std::string_view text) {
    return text.size() == count && consistsOf(text, count, isDigit);
}

bool isTransitIssuer(std::string_view text) {
    return text.size() == 8 &&
           consistsOf(text, 8, [](char c) { return isDigit(c) || (c >= 'A' && c <= 'F'); });
}

bool isIdentifier(std::string_view text) {
    return consistsOf(text, 64, [](char c) { return isLower(c) || isDigit(c) || c == '.' || c == '_'; });
}

bool isForPeople(std::string_view text) {
    return consistsOf(text, 128, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
}

bool isHost(std::string_view text) {
    return consistsOf(text, 253,
                      [](char c) { return isLower(c) || isUpper(c) || isDigit(c) || c == '.' || c == '-'; });
}

std::optional<std::pair<std::string, std::uint16_t>> splitUrl(std::string_view url, std::string_view scheme,
                                                              std::uint16_t usualPort) {
    if (!url.starts_with(scheme))
        return std::nullopt;
    url.remove_prefix(scheme.size());
    const auto colon = url.find(':');
    const auto host = url.substr(0, colon);
    std::uint16_t port = usualPort;
    if (colon != std::string_view::npos) {
        const auto digits = url.substr(colon + 1);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || port == 0)
            return std::nullopt;
    }
    if (!isHost(host))
        return std::nullopt;
    return std::pair{std::string(host), port};
}

} // namespace

std::optional<std::pair<std::string, std::uint16_t>> splitHttpsUrl(std::string_view url) {
    return splitUrl(url, "https://", 443);
}

std::optional<std::pair<std::string, std::uint16_t>> splitBrokerUrl(std::string_view url) {
    return splitUrl(url, "mqtts://", 8883);
}

const Form terminalId{isTerminalId, "1 to 32 of A-Z, 0-9 and '-'"};
const Form region{isDigits<6>, "the six digits of GB/T 2260 of where the terminal stands"};
const Form identifier{isIdentifier, "1 to 64 of a-z, 0-9, '.' and '_', as the catalogue has it"};
const Form forPeople{isForPeople, "one line of text, 1 to 128 bytes"};
const Form slotKind{[](std::string_view text) { return text == "contact" || text == "contactless"; },
                    "\"contact\" or \"contactless\""};
const Form cardApplication{[](std::string_view text) {
                               return text == "transit_purse" || text == "social_security" ||
                                      text == "legacy_uid";
                           },
                           "\"transit_purse\", \"social_security\" or \"legacy_uid\""};
const Form fareMode{[](std::string_view text) { return text == "flat" || text == "zones"; },
                    "\"flat\" or \"zones\""};
const Form direction{[](std::string_view text) { return text == "outbound" || text == "inbound"; },
                     "\"outbound\" or \"inbound\""};
const Form fourDigits{isDigits<4>, "four digits, in quotes"};
const Form sixteenDigits{isDigits<16>, "sixteen digits, in quotes"};
const Form transitIssuer{isTransitIssuer, "an issuer of transit codes, eight of 0-9 and A-F, in quotes"};
const Form businessType{isDigits<2>, "two digits, in quotes, as the verifier's operator says"};
const Form actuatorDriver{[](std::string_view text) { return text == "simulated"; }, "\"simulated\""};
const Form httpsUrl{[](std::string_view text) { return splitHttpsUrl(text).has_value(); },
                    "\"https://host:port\", the host as a name or an IPv4 address"};
const Form brokerUrl{[](std::string_view text) { return splitBrokerUrl(text).has_value(); },
                     "\"mqtts://host:port\", the host as a name or an IPv4 address"};
const Form upstreamKind{[](std::string_view text) { return text == "https" || text == "mqtt"; },
                        "\"https\" or \"mqtt\""};
const Form settleOn{[](std::string_view text) { return text == "receipt" || text == "puback"; },
                    "\"receipt\" or \"puback\""};
const Form somePath{[](std::string_view text) { return !text.empty(); }, "a path as a text"};

} // namespace ykt::firmware::config::forms
