#include "sim/cards/keys.h"

namespace ykt::sim {
namespace {

Bytes block(crypto::BlockCipher cipher, ByteView value) {
    Bytes out(value.begin(), value.end());
    out.resize(crypto::blockSize(cipher));
    return out;
}

} // namespace

Bytes cityFactor(std::string_view cityCode) {
    return concat({asBytes(cityCode), Bytes{0x73, 0x78}});
}

Result<Secret> diversify(crypto::BlockCipher cipher, const Secret& key, ByteView factor) {
    Bytes input(factor.begin(), factor.end());
    for (const auto byte : factor)
        input.push_back(static_cast<std::uint8_t>(~byte));
    auto diversified = crypto::encryptEcb(cipher, key, input);
    if (!diversified)
        return failWith(diversified);
    return Secret(std::move(*diversified));
}

Result<Secret> sessionKey(crypto::BlockCipher cipher, const Secret& key, ByteView processFactor) {
    auto session = crypto::encryptEcb(cipher, key, block(cipher, processFactor));
    if (!session)
        return failWith(session);
    return Secret(std::move(*session));
}

Result<Bytes> proofOf(crypto::BlockCipher cipher, const Secret& key, ByteView processFactor,
                      ByteView original) {
    const auto session = sessionKey(cipher, key, processFactor);
    if (!session)
        return failWith(session);
    auto enciphered = crypto::encryptEcb(cipher, *session, block(cipher, original));
    if (!enciphered)
        return enciphered;
    for (std::size_t i = factorSize; i < enciphered->size(); ++i)
        (*enciphered)[i - factorSize] ^= (*enciphered)[i];
    enciphered->resize(factorSize);
    return enciphered;
}

} // namespace ykt::sim
