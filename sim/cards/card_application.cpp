#include "sim/cards/card_application.h"

#include "sim/cards/financial_personalisation.h"
#include "sim/cards/personalisation.h"
#include "sim/cards/purse_personalisation.h"
#include "sim/cards/virtual_card.h"

namespace ykt::sim {
namespace {

using apdu::social_security::Algorithm;
using crypto::BlockCipher;

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

Result<Directory> socialSecurityWithKeys(const IssuerKeys& issuer, const CardSpec& spec, std::uint32_t serial,
                                         ByteView historical) {
    auto application = socialSecurityApplication(spec, serial);
    const auto cipher = cipherOf(spec.algorithm);
    if (!application || !cipher)
        return application;
    auto keys = cardKeys(issuer.of(*cipher), *cipher, spec.cityCode, historical);
    if (!keys)
        return failWith(keys);
    application->keys.push_back({internalKeyId, *cipher, std::move(keys->internalKey)});
    application->keys.push_back({readingKeyId, *cipher, std::move(keys->readingKey)});
    return application;
}

// The MF, with the social security application in it or as it.
Result<Directory> masterFileOf(const IssuerKeys& issuer, const CardSpec& spec, std::uint32_t serial,
                               ByteView historical) {
    Directory root;
    root.fid = masterFile;
    if (spec.place == SocialSecurityPlace::none)
        return root;
    auto application = socialSecurityWithKeys(issuer, spec, serial, historical);
    if (!application)
        return application;
    if (spec.place == SocialSecurityPlace::at_mf) {
        application->fid = masterFile;
        return application;
    }
    if (spec.place == SocialSecurityPlace::below_pse)
        root.name = toBytes("1PAY.SYS.DDF01");
    root.children.push_back(std::move(*application));
    return root;
}

Result<Directory> purseWithKeys(const IssuerKeys& issuer, const PurseSpec& spec, std::uint32_t serial) {
    auto keys = purseKeys(issuer.purse, spec.issuer, shortPurseSerial(serial));
    return keys ? transitApplication(spec, serial, std::move(*keys)) : failWith(keys);
}

} // namespace

Result<std::shared_ptr<CardSoftware>> cardWith(const IssuerKeys& issuer, const CardSpec& spec,
                                               std::uint32_t serial) {
    const auto historical = historicalBytes(spec.cityCode, serial);
    auto root = masterFileOf(issuer, spec, serial, historical);
    if (!root)
        return failWith(root);
    if (spec.purse) {
        auto purse = purseWithKeys(issuer, *spec.purse, serial);
        if (!purse)
            return failWith(purse);
        root->children.push_back(std::move(*purse));
    }
    if (spec.financial) {
        auto bank = financialApplication(*spec.financial);
        if (!bank)
            return failWith(bank);
        root->children.push_back(std::move(*bank));
    }
    return std::make_shared<VirtualCard>(answerToReset(spec.interface, historical), std::move(*root),
                                         spec.interface);
}

} // namespace ykt::sim
