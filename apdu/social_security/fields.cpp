#include "apdu/social_security/fields.h"

#include "apdu/social_security/text.h"
#include "base/hex.h"

#include <algorithm>
#include <array>

namespace ykt::apdu::social_security {
namespace {

tl::unexpected<Error> malformed(const char* field) {
    return fail(Reason::card_data_malformed, field);
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isCapital(char c) {
    return c >= 'A' && c <= 'Z';
}
bool isSmall(char c) {
    return c >= 'a' && c <= 'z';
}

ByteView valueOf(const Records& records, Tag tag) {
    const auto record = records.find(tag);
    return record == records.end() ? ByteView() : ByteView(record->second);
}

Result<std::optional<char>> cardClassFrom(ByteView field) {
    const auto text = toText(withoutPadding(field));
    if (text.empty())
        return std::nullopt;
    if (text.size() != 1 || !isDigit(text[0]))
        return malformed("card class");
    return text[0];
}

} // namespace

ByteView withoutPadding(ByteView field) {
    while (!field.empty() && field.back() == 0)
        field = field.first(field.size() - 1);
    return field;
}

Result<Version> versionFrom(ByteView field) {
    const auto text = toText(withoutPadding(field));
    if (text.empty() || text.starts_with("1.0"))
        return Version::v1_0;
    if (text.starts_with("2.0"))
        return Version::v2_0;
    if (text.starts_with("3.0"))
        return Version::v3_0;
    return malformed("version");
}

Result<std::optional<std::chrono::year_month_day>> dateFrom(ByteView field) {
    using namespace std::chrono;
    const auto isFiller = [field](std::uint8_t filler) {
        return std::ranges::all_of(field, [filler](std::uint8_t byte) { return byte == filler; });
    };
    if (isFiller(0x00) || isFiller(0xFF)) // an empty field is both
        return std::nullopt;
    const auto digits = toHex(field);
    if (digits.size() != 8 || !std::ranges::all_of(digits, isDigit))
        return malformed("date");
    const auto number = static_cast<unsigned>(std::stoul(digits));
    const year_month_day date{year(static_cast<int>(number / 10000)), month(number / 100 % 100),
                              day(number % 100)};
    if (!date.ok())
        return malformed("date");
    return date;
}

Result<char> cardNumberCheckCharacter(std::string_view first8) {
    constexpr std::array<int, 8> weights{3, 7, 9, 10, 5, 8, 4, 2};
    if (first8.size() != weights.size())
        return malformed("card number");
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const char c = first8[i];
        if (!isDigit(c) && !isCapital(c))
            return malformed("card number");
        sum += weights[i] * (isDigit(c) ? c - '0' : c - 'A' + 10);
    }
    constexpr std::string_view characters = "0123456789X0"; // 10 is X, 11 is 0
    return characters[static_cast<std::size_t>(11 - sum % 11)];
}

Result<std::string> cardNumberFrom(ByteView field) {
    constexpr std::size_t checkPosition = 8;
    const auto number = toText(field);
    if (number.size() != checkPosition + 1)
        return malformed("card number");
    const auto check = cardNumberCheckCharacter(std::string_view(number).substr(0, checkPosition));
    if (!check)
        return failWith(check);
    if (number[checkPosition] != *check)
        return malformed("card number's check character");
    return number;
}

Result<std::string> cityCodeFrom(ByteView cardIdentifier) {
    constexpr std::size_t citySize = 3;
    if (cardIdentifier.size() != valueSize(Tag::card_identifier))
        return malformed("card identifier");
    auto digits = toHex(cardIdentifier.first(citySize));
    if (!std::ranges::all_of(digits, isDigit))
        return malformed("city code");
    return digits;
}

Result<PersonalData<std::string>> socialSecurityNumberFrom(ByteView field) {
    auto number = toText(withoutPadding(field));
    const auto admissible = [](char c) { return isDigit(c) || isCapital(c) || isSmall(c); };
    if (number.empty() || !std::ranges::all_of(number, admissible))
        return malformed("social security number");
    return PersonalData(std::move(number));
}

Result<PersonalData<std::string>> nameFrom(ByteView name, ByteView continued) {
    auto bytes = concat({withoutPadding(name), withoutPadding(continued)});
    auto text = textFromCard(bytes);
    wipe(bytes);
    if (!text)
        return failWith(text);
    if (text->empty())
        return malformed("name");
    return PersonalData(std::move(*text));
}

bool nameMayContinue(ByteView name) {
    constexpr std::size_t longestCharacter = 4; // GB 18030
    return withoutPadding(name).size() + longestCharacter > valueSize(Tag::name);
}

Result<IssuerData> issuerDataFrom(const Records& records) {
    for (const auto tag : {Tag::card_identifier, Tag::card_number})
        if (!records.contains(tag))
            return fail(Reason::record_missing, "EF05");
    const auto identifier = valueOf(records, Tag::card_identifier);
    auto city = cityCodeFrom(identifier);
    if (!city)
        return failWith(city);
    const auto cardClass = cardClassFrom(valueOf(records, Tag::card_class));
    if (!cardClass)
        return failWith(cardClass);
    const auto version = versionFrom(valueOf(records, Tag::version));
    if (!version)
        return failWith(version);
    const auto issued = dateFrom(valueOf(records, Tag::issued));
    if (!issued)
        return failWith(issued);
    const auto expires = dateFrom(valueOf(records, Tag::expires));
    if (!expires)
        return failWith(expires);
    auto number = cardNumberFrom(valueOf(records, Tag::card_number));
    if (!number)
        return failWith(number);
    return IssuerData{Bytes(identifier.begin(), identifier.end()),
                      std::move(*city),
                      *cardClass,
                      *version,
                      *issued,
                      *expires,
                      std::move(*number)};
}

} // namespace ykt::apdu::social_security
