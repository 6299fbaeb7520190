#include "qr/holder_reference.h"

#include "crypto/block_cipher.h"
#include "crypto/digest.h"

#include <algorithm>

namespace ykt::qr {
namespace {

using crypto::BlockCipher;

constexpr std::size_t keySize = 16;

Secret sealingKey(const Secret& programmeKey, const SealingContext& authorisation) {
    auto message = concat({asBytes("ykt-fusion-seal"), authorisation.userPoint});
    appendBigEndian(message, static_cast<std::uint64_t>(unixSeconds(authorisation.authorisedUntil)), 4);
    auto mac = crypto::hmacSm3(programmeKey, message);
    auto key = Secret::copyOf(ByteView(mac).first(keySize));
    wipe(mac);
    return key;
}

Result<ByteArray<16>> oneBlock(const Result<Bytes>& bytes) {
    if (!bytes)
        return failWith(bytes);
    ByteArray<16> block{};
    std::ranges::copy(ByteView(*bytes).first(block.size()), block.begin());
    return block;
}

} // namespace

HolderReference holderReference(const Secret& programmeKey,
                                const PersonalData<std::string>& socialSecurityNumber) {
    const auto mac = crypto::hmacSm3(programmeKey, asBytes(socialSecurityNumber.reveal()));
    HolderReference reference{};
    std::copy_n(mac.begin(), reference.size(), reference.begin());
    return reference;
}

Result<ByteArray<16>> sealHolderReference(const Secret& programmeKey, const HolderReference& reference,
                                          const SealingContext& authorisation) {
    return oneBlock(crypto::encryptEcb(BlockCipher::sm4, sealingKey(programmeKey, authorisation), reference));
}

Result<HolderReference> openHolderReference(const Secret& programmeKey, const ByteArray<16>& sealed,
                                            const SealingContext& authorisation) {
    return oneBlock(crypto::decryptEcb(BlockCipher::sm4, sealingKey(programmeKey, authorisation), sealed));
}

} // namespace ykt::qr
