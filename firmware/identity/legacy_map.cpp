#include "firmware/identity/legacy_map.h"

#include "base/hex.h"
#include "crypto/digest.h"
#include "firmware/json/json_object.h"

#include <algorithm>
#include <charconv>

namespace ykt::firmware::identity {
namespace {

std::optional<ByteArray<16>> sixteenBytes(std::string_view text) {
    const auto bytes = fromHex(text);
    ByteArray<16> value{};
    if (!bytes || bytes->size() != value.size())
        return std::nullopt;
    std::ranges::copy(*bytes, value.begin());
    return value;
}

std::optional<std::string> sixDigits(std::string_view text) {
    if (text.size() != 6 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    return std::string(text);
}

std::optional<unsigned> numberOf(std::string_view digits) {
    unsigned value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec == std::errc{} && read.ptr == digits.data() + digits.size() ? std::optional(value)
                                                                               : std::nullopt;
}

// "2027-12-31"
std::optional<std::chrono::year_month_day> dayFromText(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return std::nullopt;
    const auto year = numberOf(text.substr(0, 4));
    const auto month = numberOf(text.substr(5, 2));
    const auto day = numberOf(text.substr(8, 2));
    if (!year || !month || !day)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{*month}, std::chrono::day{*day}};
    return date.ok() ? std::optional(date) : std::nullopt;
}

LegacyHolder readHolder(JsonObject object) {
    LegacyHolder holder;
    holder.digest = object.name("uid", sixteenBytes);
    holder.subject = object.name("holder", sixteenBytes);
    holder.holderClass = object.name("class", holderClassFromName);
    holder.region = object.name("region", sixDigits);
    holder.lastDay = object.name("not_after", dayFromText);
    object.close();
    return holder;
}

} // namespace

LegacyDigest legacyDigest(const PseudonymKey& key, ByteView uid) {
    const Secret named{concat({asBytes("legacy:"), uid})};
    const auto digest = crypto::hmacSm3(key, named.reveal());
    LegacyDigest first{};
    std::copy_n(digest.begin(), first.size(), first.begin());
    return first;
}

Result<LegacyMap> LegacyMap::parse(std::string_view text) {
    try {
        const auto document = parseJson(text);
        JsonObject root{document, ""};
        LegacyMap map;
        for (auto& card : root.objects("cards"))
            map.holders_.push_back(readHolder(card));
        root.close();
        std::ranges::sort(map.holders_, {}, &LegacyHolder::digest);
        if (std::ranges::adjacent_find(map.holders_, {}, &LegacyHolder::digest) != map.holders_.end())
            root.refuse("cards", "a uid is listed twice");
        return map;
    } catch (const JsonRefused& refused) {
        return fail(Reason::bulletin_malformed, "legacy_map: " + refused.what);
    }
}

Result<LegacyHolder> LegacyMap::find(const LegacyDigest& digest) const {
    const auto found = std::ranges::lower_bound(holders_, digest, {}, &LegacyHolder::digest);
    if (found == holders_.end() || found->digest != digest)
        return fail(Reason::not_registered);
    return *found;
}

} // namespace ykt::firmware::identity
