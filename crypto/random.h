#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace ykt::crypto {

// From the kernel's generator. Errors: crypto_failed.
Result<Bytes> randomBytes(std::size_t size);
Result<Secret> randomSecret(std::size_t size);

} // namespace ykt::crypto
