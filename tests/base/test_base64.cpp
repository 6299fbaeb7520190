#include "base/base64.h"

#include <catch2/catch.hpp>

using namespace ykt;

TEST_CASE("base64 of RFC 4648 section 10, both ways") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        CHECK(toBase64(asBytes(plain)) == text);
        CHECK(toText(*fromBase64(text)) == plain);
    }
    const Bytes all{0xfb, 0xff, 0xbf};
    CHECK(*fromBase64(toBase64(all)) == all);
}

TEST_CASE("base64 is read strictly") {
    for (const auto* bad :
         {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9", "Zm9-", "====", "Z===", "=Zg="})
        CHECK(fromBase64(bad).error() == Reason::input_malformed);
}
