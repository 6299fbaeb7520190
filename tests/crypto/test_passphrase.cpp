#include "base/hex.h"
#include "crypto/passphrase.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::crypto;

namespace {

Secret words(std::string_view text) {
    return Secret::copyOf(asBytes(text));
}

} // namespace

TEST_CASE("scrypt gives the key of RFC 7914, section 12") {
    const auto key = keyFromPassphrase(words("pleaseletmein"), asBytes("SodiumChloride"), {16'384, 8, 1});
    REQUIRE(key);
    CHECK(toHex(key->reveal()) == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST_CASE("a cost beyond its bounds is refused before any memory is taken") {
    for (const ScryptCost cost : {ScryptCost{0, 8, 1},
                                  {1, 8, 1},
                                  {1'000, 8, 1},
                                  {1U << 21, 8, 1},
                                  {1'024, 0, 1},
                                  {1'024, 17, 1},
                                  {1'024, 8, 0},
                                  {1'024, 8, 5}})
        CHECK(keyFromPassphrase(words("pleaseletmein"), asBytes("salt"), cost).error() ==
              Reason::key_invalid);
    CHECK(keyFromPassphrase(Secret{}, asBytes("salt"), {}).error() == Reason::key_invalid);
}
