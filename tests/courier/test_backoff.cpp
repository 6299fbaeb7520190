#include "firmware/courier/backoff.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

constexpr auto most = std::numeric_limits<std::uint32_t>::max();
const BackoffLimits limits{Milliseconds{100}, Milliseconds{1'500}, Milliseconds{5'000}};

} // namespace

TEST_CASE("the longest wait doubles with each failure up to its bound, and begins anew after a success") {
    Backoff backoff(limits, [] { return most; });
    for (const auto expected : {100, 200, 400, 800, 1'500, 1'500})
        CHECK(backoff.next() == Milliseconds{expected});
    backoff.reset();
    CHECK(backoff.next() == Milliseconds{100});
}

TEST_CASE("a year of failures neither overflows nor waits longer") {
    Backoff backoff({Milliseconds{60'000}, Milliseconds{60'000}, {}}, [] { return most; });
    for (int i = 0; i < 600'000; ++i)
        REQUIRE(backoff.next() == Milliseconds{60'000});
}

TEST_CASE("jitter is full: from nothing to the ceiling") {
    std::uint32_t thrown = 0;
    Backoff backoff(limits, [&] { return thrown; });
    CHECK(backoff.next() == Milliseconds::zero());
    thrown = most / 2;
    CHECK(backoff.next() == Milliseconds{99}); // half of 200, rounded down
    thrown = most;
    CHECK(backoff.next() == Milliseconds{400});
}

TEST_CASE("real jitter spreads over the whole range") {
    int early = 0;
    int late = 0;
    for (int i = 0; i < 400; ++i) {
        Backoff backoff({Milliseconds{1'000}, Milliseconds{1'000}, {}});
        const auto wait = backoff.next();
        REQUIRE(wait >= Milliseconds::zero());
        REQUIRE(wait <= Milliseconds{1'000});
        early += wait < Milliseconds{250} ? 1 : 0;
        late += wait > Milliseconds{750} ? 1 : 0;
    }
    CHECK(early > 50); // 100 are to be expected; under 50 come once in 10^8 runs
    CHECK(late > 50);
}

TEST_CASE("what the back office asks for is a floor, within its bound") {
    Backoff backoff(limits, [] { return most; });
    CHECK(backoff.next(Milliseconds{3'000}) == Milliseconds{3'000});
    CHECK(backoff.next(Milliseconds{3'600'000}) == Milliseconds{5'000});
    CHECK(backoff.next(Milliseconds{1}) == Milliseconds{400}); // the jitter's, which is longer
}

TEST_CASE("Retry-After is a number of seconds or nothing") {
    CHECK(parseRetryAfter("0") == Milliseconds::zero());
    CHECK(parseRetryAfter("120") == Milliseconds{120'000});
    CHECK(parseRetryAfter("007") == Milliseconds{7'000});
    for (const auto* hostile : {"", " ", "+5", "-5", "5 ", " 5", "5;", "5s", "5\r\n", "5\r\nX-Other: 1",
                                "5,6", "0x10", "1e3", "1.5", "٥", "Fri, 31 Dec 1999 23:59:59 GMT"}) {
        CAPTURE(hostile);
        CHECK_FALSE(parseRetryAfter(hostile));
    }
    using namespace std::string_view_literals;
    CHECK_FALSE(parseRetryAfter("5\0"sv));
}

TEST_CASE("a Retry-After beyond any number is the greatest, and then the bound") {
    const auto greatest = Milliseconds{std::int64_t{1'000} * most};
    CHECK(parseRetryAfter("4294967295") == greatest);
    CHECK(parseRetryAfter("4294967296") == greatest);
    CHECK(parseRetryAfter("99999999999999999999999999") == greatest);
    CHECK(parseRetryAfter(std::string(10'000, '9')) == greatest);
    Backoff backoff(limits);
    CHECK(backoff.next(parseRetryAfter(std::string(10'000, '9'))) == Milliseconds{5'000});
}
