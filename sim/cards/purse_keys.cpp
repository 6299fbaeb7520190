#include "sim/cards/purse_keys.h"

#include "crypto/block_cipher.h"
#include "crypto/random.h"
#include "sim/cards/keys.h"

namespace ykt::sim {
namespace {

using crypto::BlockCipher;

constexpr std::size_t half = keySize / 2;

Bytes shortened(Bytes mac) {
    mac.resize(purseMacSize);
    return mac;
}

Secret leftOf(const Secret& key) {
    return Secret::copyOf(key.reveal().first(half));
}

} // namespace

Result<PurseKeys> randomPurseKeys() {
    PurseKeys keys;
    for (auto* key : {&keys.purchase, &keys.transaction, &keys.maintenance}) {
        auto fresh = crypto::randomSecret(keySize);
        if (!fresh)
            return failWith(fresh);
        *key = std::move(*fresh);
    }
    return keys;
}

Result<Secret> purseKey(const Secret& master, ByteView issuer, ByteView serial) {
    const auto issuerKey = diversify(BlockCipher::triple_des, master, issuer);
    return issuerKey ? diversify(BlockCipher::triple_des, *issuerKey, serial) : failWith(issuerKey);
}

Result<PurseKeys> purseKeys(const PurseKeys& masters, ByteView issuer, ByteView serial) {
    auto purchase = purseKey(masters.purchase, issuer, serial);
    if (!purchase)
        return failWith(purchase);
    auto transaction = purseKey(masters.transaction, issuer, serial);
    if (!transaction)
        return failWith(transaction);
    auto maintenance = purseKey(masters.maintenance, issuer, serial);
    if (!maintenance)
        return failWith(maintenance);
    return PurseKeys{std::move(*purchase), std::move(*transaction), std::move(*maintenance)};
}

Result<Secret> purchaseSession(const Secret& purchaseKey, ByteView random, ByteView counter,
                               ByteView terminalSequence) {
    return sessionKey(BlockCipher::triple_des, purchaseKey,
                      concat({random, counter, terminalSequence.last(2)}));
}

Result<Bytes> purseMac(const Secret& key, ByteView data) {
    return crypto::cbcMac(BlockCipher::triple_des, key, data).map(shortened);
}

Result<Bytes> transactionCode(const Secret& transactionKey, ByteView data) {
    const auto key = transactionKey.reveal();
    Bytes folded(key.begin(), key.begin() + half);
    for (std::size_t i = 0; i < half; ++i)
        folded[i] ^= key[half + i];
    return purseMac(Secret(std::move(folded)), data);
}

Result<Bytes> maintenanceMac(const Secret& key, ByteView first, ByteView data) {
    const auto left = leftOf(key);
    const auto right = Secret::copyOf(key.reveal().subspan(half, half));
    return crypto::cbcMac(BlockCipher::triple_des, left, data, first)
        .and_then([&](const Bytes& last) { return crypto::decryptEcb(BlockCipher::triple_des, right, last); })
        .and_then(
            [&](const Bytes& middle) { return crypto::encryptEcb(BlockCipher::triple_des, left, middle); })
        .map(shortened);
}

} // namespace ykt::sim
