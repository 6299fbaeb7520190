#include "crypto/signing_request.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::crypto;

namespace {

const auto key = P256PrivateKey::generate().value();
const auto request = makeSigningRequest("NX-BUS-0001", key).value();

} // namespace

TEST_CASE("a request tells its name and key") {
    const auto read = readSigningRequest(request);
    REQUIRE(read);
    CHECK(read->commonName == "NX-BUS-0001");
    CHECK(read->subject.uncompressed() == key.publicKey().uncompressed());
    const std::string comma = "NX, CN=NX-BUS-0002";
    CHECK(readSigningRequest(*makeSigningRequest(comma, key))->commonName == comma);
}

TEST_CASE("a request that was changed, cut off or doubled is refused, or says the same") {
    for (std::size_t at = request.find('\n') + 1; at < request.rfind("\n-----END"); ++at) {
        auto changed = request;
        if (changed[at] == '\n')
            continue;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        INFO(at);
        const auto read = readSigningRequest(changed);
        // Outside of what is signed stands a NULL whose tag mbedTLS does not look at.
        CHECK((!read || (read->commonName == "NX-BUS-0001" &&
                         read->subject.uncompressed() == key.publicKey().uncompressed())));
    }
    for (std::size_t size = 0; size < request.rfind("-----"); ++size)
        CHECK(readSigningRequest(std::string_view(request).substr(0, size)).error() ==
              Reason::certificate_invalid);
    CHECK(readSigningRequest(request + request).error() == Reason::certificate_invalid);
    CHECK(readSigningRequest(std::string(9000, ' ') + request).error() == Reason::certificate_invalid);
}

TEST_CASE("a request with a key of another kind is refused") {
    // openssl req -new -newkey ed25519 -nodes -subj /CN=NX-BUS-0001
    CHECK(readSigningRequest("-----BEGIN CERTIFICATE REQUEST-----\n"
                             "MIGWMEoCAQAwFzEVMBMGA1UEAwwMSW52ZW50ZWQgb25lMCowBQYDK2VwAyEAAAAA\n"
                             "-----END CERTIFICATE REQUEST-----\n")
              .error() == Reason::certificate_invalid);
}
