#include "sim/cards/issuer_keys.h"

#include "crypto/random.h"
#include "sim/cards/keys.h"

namespace ykt::sim {
namespace {

Result<MasterKeys> randomMasters() {
    auto internalKey = crypto::randomSecret(keySize);
    if (!internalKey)
        return failWith(internalKey);
    auto readingKey = crypto::randomSecret(keySize);
    if (!readingKey)
        return failWith(readingKey);
    return MasterKeys{std::move(*internalKey), std::move(*readingKey)};
}

Result<Secret> cardKey(crypto::BlockCipher cipher, const Secret& master, ByteView city, ByteView card) {
    const auto cityKey = diversify(cipher, master, city);
    return cityKey ? diversify(cipher, *cityKey, card) : failWith(cityKey);
}

} // namespace

Result<IssuerKeys> IssuerKeys::random() {
    auto tripleDes = randomMasters();
    if (!tripleDes)
        return failWith(tripleDes);
    auto sm4 = randomMasters();
    if (!sm4)
        return failWith(sm4);
    auto purse = randomPurseKeys();
    if (!purse)
        return failWith(purse);
    return IssuerKeys{std::move(*tripleDes), std::move(*sm4), std::move(*purse)};
}

Result<MasterKeys> cardKeys(const MasterKeys& masters, crypto::BlockCipher cipher, std::string_view cityCode,
                            ByteView historical) {
    const auto city = cityFactor(cityCode);
    const auto card = historical.last(factorSize); // T6..TD
    auto internalKey = cardKey(cipher, masters.internalKey, city, card);
    if (!internalKey)
        return failWith(internalKey);
    auto readingKey = cardKey(cipher, masters.readingKey, city, card);
    if (!readingKey)
        return failWith(readingKey);
    return MasterKeys{std::move(*internalKey), std::move(*readingKey)};
}

} // namespace ykt::sim
