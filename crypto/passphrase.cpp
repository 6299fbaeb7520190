#include "crypto/passphrase.h"

#include "crypto/openssl_owned.h"

#include <bit>

namespace ykt::crypto {

namespace {

constexpr std::size_t keySize = 32;
constexpr std::uint64_t mostMemory = 4ULL << 30; // above what the bounds on the cost allow

bool isBounded(const ScryptCost& cost) {
    return std::has_single_bit(cost.n) && cost.n >= 2 && cost.n <= (1U << 20) && cost.blocks >= 1 &&
           cost.blocks <= 16 && cost.lanes >= 1 && cost.lanes <= 4;
}

} // namespace

Result<Secret> keyFromPassphrase(const Secret& passphrase, ByteView salt, const ScryptCost& cost) {
    if (passphrase.empty() || !isBounded(cost))
        return fail(Reason::key_invalid, "scrypt: passphrase or cost");
    const ErrorQueueGuard guard;
    Bytes key(keySize);
    const auto words = passphrase.reveal();
    if (EVP_PBE_scrypt(reinterpret_cast<const char*>(words.data()), words.size(), salt.data(), salt.size(),
                       cost.n, cost.blocks, cost.lanes, mostMemory, key.data(), key.size()) != 1)
        return fail(Reason::crypto_failed, "scrypt");
    return Secret(std::move(key));
}

} // namespace ykt::crypto
