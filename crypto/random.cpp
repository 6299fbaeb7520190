#include "crypto/random.h"

#include <cerrno>
#include <mbedtls/entropy.h>
#include <sys/random.h>

namespace ykt::crypto {
namespace {

bool fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto got =
            getrandom(out.data(), out.size(), 0); // may be short after a signal or above 256 bytes
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

} // namespace

Result<Bytes> randomBytes(std::size_t size) {
    Bytes bytes(size);
    if (!fill(bytes))
        return fail(Reason::crypto_failed, "getrandom");
    return bytes;
}

Result<Secret> randomSecret(std::size_t size) {
    return randomBytes(size).map([](Bytes&& bytes) { return Secret(std::move(bytes)); });
}

int mbedtlsRandom(void*, unsigned char* out, std::size_t size) noexcept {
    return fill({out, size}) ? 0 : MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
}

} // namespace ykt::crypto
