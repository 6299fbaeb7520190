#include "base/hex.h"
#include "offline_store/packing.h"
#include "tests/noise.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace ykt;
using namespace ykt::offline_store;

namespace {

const std::string ride =
    R"({"assurance":"authenticated","disclosed":{"holder_class":"senior"},"fare_fen":0,"holder_class":"senior",)"
    R"("lane":"card-1","lists":{"age_s":12,"catalogue":7,"revocation":31},"medium":"social_security_card",)"
    R"("medium_id":"640100d15600000551907c3affffffff","region":"640100","service":"bus.ride",)"
    R"("subject":"86d1f14a99e1ea396b012d84a4e5c6b0","verdict":"accepted"})";

} // namespace

TEST_CASE("a payload comes back as it was, whatever its size, and is hardly larger") {
    std::mt19937_64 random(20'261'130);
    for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 5U, 250U, 65'535U, 65'536U, 200'000U}) {
        for (const auto& payload : {test::noise(random, size), Bytes(size, '7')}) {
            const auto packed = pack(payload);
            INFO("size " << size);
            CHECK(packed.size() <= std::max<std::size_t>(128, payload.size() + 33));
            CHECK(packed.size() % 32 == 0);
            CHECK(unpack(packed) == payload);
        }
    }
}

TEST_CASE("a ride becomes much smaller") {
    const auto packed = pack(toBytes(ride));
    CHECK(packed.size() == 128);
    CHECK(unpack(packed) == toBytes(ride));
}

TEST_CASE("what is sealed of a ride does not show by its length who rode") {
    for (const std::string holder : {"adult", "senior", "student", "preschool", "resident"})
        for (const std::string fare : {"0", "100", "200"}) {
            auto other = ride;
            for (std::size_t at = 0; (at = other.find("senior", at)) != std::string::npos;
                 at += holder.size())
                other.replace(at, 6, holder);
            other.replace(other.find("\"fare_fen\":0") + 11, 1, fare);
            CAPTURE(holder, fare);
            CHECK(pack(toBytes(other)).size() == pack(toBytes(ride)).size());
        }
}

// What is in a database today must be readable for ever: whoever changes the dictionary or the form gives it
// a new number.
TEST_CASE("what was packed by the first version is read") {
    const auto packed =
        fromHex("010163233fb943038cd86025146086462821668e1a62c6940699a9a1a58179b271621a14901384166629866986"
                "26899696a986a989c69666490686462916268926a9a6c9400e8e20060080" +
                std::string(106, '0'));
    CHECK(toText(*unpack(*packed)) == ride);
    CHECK(toText(*unpack(*fromHex("007b7d80" + std::string(248, '0')))) == "{}");
}

TEST_CASE("what nobody packed is damage, not a payload") {
    const auto packed = pack(toBytes(ride));
    CHECK(unpack({}).error() == Reason::store_corrupt);
    for (std::size_t size = 1; size < packed.size(); ++size)
        CHECK(unpack(ByteView(packed).first(size)).error() == Reason::store_corrupt);
    auto longer = packed;
    longer.push_back(0);
    CHECK(unpack(longer).error() == Reason::store_corrupt);
    for (const std::size_t length : {0U, 1U, 65'535U}) { // shorter and longer than it says
        auto lying = packed;
        lying[1] = static_cast<std::uint8_t>(length >> 8);
        lying[2] = static_cast<std::uint8_t>(length);
        CHECK(unpack(lying).error() == Reason::store_corrupt);
    }
    auto unknown = packed;
    unknown[0] = 2;
    CHECK(unpack(unknown).error() == Reason::store_corrupt);
}
