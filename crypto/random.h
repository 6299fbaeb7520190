#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace ykt::crypto {

// From the kernel's generator. Errors: crypto_failed.
Result<Bytes> randomBytes(std::size_t size);
Result<Secret> randomSecret(std::size_t size);

// The same generator as the callback f_rng of mbedTLS: 0, or an mbedTLS error code. The context is not used.
int mbedtlsRandom(void* context, unsigned char* out, std::size_t size) noexcept;

} // namespace ykt::crypto
