#include "sim/cards/card_issuer.h"

#include "crypto/random.h"
#include "sim/cards/keys.h"
#include "sim/cards/personalisation.h"
#include "sim/cards/sam_personalisation.h"
#include "sim/cards/virtual_card.h"
#include "sim/cards/virtual_sam.h"

#include <array>
#include <cstdio>

namespace ykt::sim {
namespace {

using apdu::social_security::Algorithm;
using crypto::BlockCipher;

constexpr std::uint32_t firstSerial = 0x51000000;

// Two master keys of one algorithm.
struct MasterKeys {
    Secret internalKey;
    Secret readingKey;
};

Result<MasterKeys> randomKeys() {
    auto internalKey = crypto::randomSecret(keySize);
    if (!internalKey)
        return failWith(internalKey);
    auto readingKey = crypto::randomSecret(keySize);
    if (!readingKey)
        return failWith(readingKey);
    return MasterKeys{std::move(*internalKey), std::move(*readingKey)};
}

std::optional<BlockCipher> cipherOf(Algorithm algorithm) {
    switch (algorithm) {
    case Algorithm::triple_des:
        return BlockCipher::triple_des;
    case Algorithm::sm4:
        return BlockCipher::sm4;
    case Algorithm::ssf33:
        break;
    }
    return std::nullopt;
}

Result<Secret> cardKey(BlockCipher cipher, const Secret& master, ByteView city, ByteView card) {
    const auto cityKey = diversify(cipher, master, city);
    return cityKey ? diversify(cipher, *cityKey, card) : failWith(cityKey);
}

} // namespace

struct CardIssuer::Keys {
    MasterKeys tripleDes;
    MasterKeys sm4;

    [[nodiscard]] const MasterKeys& of(BlockCipher cipher) const {
        return cipher == BlockCipher::sm4 ? sm4 : tripleDes;
    }
};

Result<CardIssuer> CardIssuer::create() {
    auto tripleDes = randomKeys();
    if (!tripleDes)
        return failWith(tripleDes);
    auto sm4 = randomKeys();
    if (!sm4)
        return failWith(sm4);
    return CardIssuer(std::make_shared<const Keys>(Keys{std::move(*tripleDes), std::move(*sm4)}));
}

namespace {

Result<std::vector<KeySlot>> keysOfCard(const MasterKeys& masters, BlockCipher cipher,
                                        std::string_view cityCode, ByteView historical) {
    const auto city = cityFactor(cityCode);
    const auto card = historical.subspan(5, factorSize); // T6..TD
    auto internalKey = cardKey(cipher, masters.internalKey, city, card);
    if (!internalKey)
        return failWith(internalKey);
    auto readingKey = cardKey(cipher, masters.readingKey, city, card);
    if (!readingKey)
        return failWith(readingKey);
    std::vector<KeySlot> slots;
    slots.push_back({internalKeyId, cipher, std::move(*internalKey)});
    slots.push_back({readingKeyId, cipher, std::move(*readingKey)});
    return slots;
}

} // namespace

Result<std::shared_ptr<CardSoftware>> CardIssuer::personalise(const CardSpec& spec) {
    const auto serial = firstSerial + ++cards_;
    const auto historical = historicalBytes(spec.cityCode, serial);
    auto application = socialSecurityApplication(spec, serial);
    if (!application)
        return failWith(application);
    if (const auto cipher = cipherOf(spec.algorithm)) {
        const auto forgersKeys = randomKeys();
        if (!forgersKeys)
            return failWith(forgersKeys);
        auto keys =
            keysOfCard(spec.forged ? *forgersKeys : keys_->of(*cipher), *cipher, spec.cityCode, historical);
        if (!keys)
            return failWith(keys);
        application->keys = std::move(*keys);
    }
    Directory root;
    root.fid = masterFile;
    root.children.push_back(std::move(*application));
    return std::make_shared<VirtualCard>(answerToReset(spec.interface, historical), std::move(root),
                                         spec.interface);
}

Result<std::shared_ptr<CardSoftware>> CardIssuer::makeSam() {
    const apdu::sam::SamKeyReferences references;
    const auto number = ++sams_;
    std::vector<SamKey> keys;
    for (const auto cipher : {BlockCipher::triple_des, BlockCipher::sm4}) {
        const auto& masters = keys_->of(cipher);
        keys.push_back({references.internalKey.usage, references.internalKey.keyId, cipher,
                        masters.internalKey.clone()});
        keys.push_back(
            {references.readingKey.usage, references.readingKey.keyId, cipher, masters.readingKey.clone()});
    }
    return std::make_shared<VirtualSam>(samAnswerToReset(number), samFiles(number), std::move(keys));
}

std::string simulatedNumber(std::chrono::year_month_day born, unsigned sequence) {
    constexpr std::array<unsigned, 17> weights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "649999%04d%02u%02u%03u", static_cast<int>(born.year()) % 10000,
                  static_cast<unsigned>(born.month()), static_cast<unsigned>(born.day()), sequence % 1000);
    std::string number(text.data());
    unsigned sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i)
        sum += weights.at(i) * static_cast<unsigned>(number.at(i) - '0');
    constexpr std::string_view checkCharacters = "10X98765432";
    return number + checkCharacters[sum % checkCharacters.size()];
}

} // namespace ykt::sim
