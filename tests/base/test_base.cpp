#include "base/hex.h"
#include "base/reason.h"
#include "base/secret.h"
#include "base/time.h"

#include <catch2/catch.hpp>
#include <ostream>
#include <set>
#include <type_traits>

using namespace ykt;

namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};
template <typename T>
concept Comparable = requires(const T& a, const T& b) {
    a == b;
};

static_assert(Streamable<std::string>);
static_assert(!Streamable<Secret> && !Streamable<PersonalData<std::string>>);
static_assert(!Comparable<Secret> && !Comparable<PersonalData<std::string>>);
static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_convertible_v<PersonalData<std::string>, std::string>);

} // namespace

TEST_CASE("hexadecimal text is read strictly and written in lower case") {
    CHECK(toHex(*fromHex("00 aF\n10")) == "00af10");
    CHECK(fromHex("")->empty());
    for (const auto* bad : {"0", "0g", "0x00", "00 0", "é0", "0 0"})
        CHECK(fromHex(bad).error() == Reason::input_malformed);
}

TEST_CASE("big-endian integers") {
    Bytes out;
    appendBigEndian(out, 0x010203, 3);
    appendBigEndian(out, 0xffffffffffffffffULL, 8);
    CHECK(toHex(out) == "010203ffffffffffffffff");
    CHECK(readBigEndian(ByteView(out).first(3)) == 0x010203);
    CHECK(readBigEndian({}) == 0);
}

TEST_CASE("constant-time comparison tells content and length") {
    const Bytes a{1, 2, 3};
    CHECK(equalConstantTime(a, Bytes{1, 2, 3}));
    CHECK_FALSE(equalConstantTime(a, Bytes{1, 2, 4}));
    CHECK_FALSE(equalConstantTime(a, Bytes{1, 2}));
}

TEST_CASE("secrets and personal data leave nothing behind when moved from") {
    Secret key(Bytes{1, 2, 3});
    const Secret moved(std::move(key));
    CHECK(moved.reveal().size() == 3);
    CHECK(key.empty()); // NOLINT(bugprone-use-after-move): the state after the move is what is tested
    PersonalData<std::string> name(std::string("某人"));
    const auto copy = name;
    name = PersonalData<std::string>(std::string("另一人"));
    CHECK(copy.reveal() == "某人");
    CHECK(name.reveal() == "另一人");
}

TEST_CASE("every reason has a name, a meaning, a remedy and a text for the holder") {
    std::set<std::string_view> names;
    for (const auto& info : allReasons()) {
        CHECK(names.insert(info.name).second);
        CHECK_FALSE(info.meaning.empty());
        CHECK_FALSE(info.remedy.empty());
        CHECK_FALSE(info.holderZh.empty());
        CHECK_FALSE(info.holderEn.empty());
        CHECK(describe(info.reason).name == info.name);
        CHECK(reasonFromName(info.name) == info.reason);
    }
    CHECK_FALSE(reasonFromName("no_such_reason").has_value());
}

TEST_CASE("time is written in UTC with milliseconds") {
    CHECK(formatUtc(wallFromUnixMilliseconds(0)) == "1970-01-01T00:00:00.000Z");
    CHECK(formatUtc(wallFromUnixMilliseconds(1767225610123)) == "2026-01-01T00:00:10.123Z");
    CHECK(formatUtc(wallFromUnixSeconds(4102444800)) == "2100-01-01T00:00:00.000Z");
    CHECK(unixSeconds(wallFromUnixMilliseconds(-1)) == -1);
}
