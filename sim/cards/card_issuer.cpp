#include "sim/cards/card_issuer.h"

#include "apdu/sam/sam.h"
#include "sim/cards/card_application.h"
#include "sim/cards/issuer_keys.h"
#include "sim/cards/keys.h"
#include "sim/cards/sam_personalisation.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ykt::sim {
namespace {

using apdu::social_security::Challenge;
using apdu::social_security::Proof;
using apdu::social_security::ProofRequest;
using apdu::social_security::Proofs;
using crypto::BlockCipher;

constexpr std::uint32_t firstSerial = 0x51000000;

Result<Proof> proofFor(BlockCipher cipher, const Secret& key, const Challenge& challenge) {
    return proofOf(cipher, key, challenge.processFactor, challenge.original).map([](const Bytes& bytes) {
        Proof proof{};
        std::ranges::copy(bytes, proof.begin());
        return proof;
    });
}

bool isCityCode(std::string_view text) {
    return text.size() == 6 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

Result<CardIssuer> CardIssuer::create() {
    auto keys = IssuerKeys::random();
    if (!keys)
        return failWith(keys);
    return CardIssuer(std::make_shared<const IssuerKeys>(std::move(*keys)));
}

Result<std::shared_ptr<CardSoftware>> CardIssuer::personalise(const CardSpec& spec) {
    const auto serial = firstSerial + ++cards_;
    if (!spec.forged)
        return cardWith(*keys_, spec, serial);
    const auto forgersKeys = IssuerKeys::random();
    return forgersKeys ? cardWith(*forgersKeys, spec, serial) : failWith(forgersKeys);
}

Result<std::shared_ptr<CardSoftware>> CardIssuer::makeSam(SamLock lock) {
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
    return std::make_shared<VirtualSam>(samAnswerToReset(number), samFiles(number), std::move(keys),
                                        SamPurchases(keys_->purse.clone(), samTerminalNumber(number)), lock);
}

Result<Proofs> CardIssuer::prove(const ProofRequest& request) const {
    if (!isCityCode(request.cityCode))
        return fail(Reason::input_malformed, "city code");
    const auto keys =
        cardKeys(keys_->of(request.cipher), request.cipher, request.cityCode, request.historical);
    if (!keys)
        return failWith(keys);
    const auto card = proofFor(request.cipher, keys->internalKey, request.card);
    if (!card)
        return failWith(card);
    if (!request.terminal)
        return Proofs{*card, std::nullopt};
    const auto terminal = proofFor(request.cipher, keys->readingKey, *request.terminal);
    if (!terminal)
        return failWith(terminal);
    return Proofs{*card, *terminal};
}

Result<bool> CardIssuer::tacIsRight(const PurchaseClaim& claim) const {
    const auto key = purseKey(keys_->purse.transaction, claim.issuer, claim.serial);
    if (!key)
        return failWith(key);
    Bytes data;
    appendBigEndian(data, claim.amountFen, 4);
    data.push_back(claim.type);
    data = concat({data, claim.terminal, claim.terminalSequence, claim.time});
    return transactionCode(*key, data).map([&](const Bytes& expected) {
        return equalConstantTime(expected, claim.tac);
    });
}

std::shared_ptr<const VirtualPurse> purseOf(const CardSoftware& card) {
    const auto* software = dynamic_cast<const VirtualCard*>(&card);
    return software == nullptr ? nullptr : software->purse();
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
