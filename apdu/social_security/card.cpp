#include "apdu/social_security/card.h"

#include "apdu/exclusive.h"
#include "apdu/social_security/application.h"
#include "apdu/social_security/atr.h"
#include "apdu/social_security/authentication.h"
#include "apdu/social_security/fields.h"

namespace ykt::apdu::social_security {
namespace {

// An FCI that names no algorithm: SSF33 in Beijing, DES elsewhere.
Algorithm algorithmByCity(std::string_view cityCode) {
    return cityCode.starts_with("11") ? Algorithm::ssf33 : Algorithm::triple_des;
}

Result<crypto::BlockCipher> cipherOf(Algorithm algorithm) {
    switch (algorithm) {
    case Algorithm::triple_des:
        return crypto::BlockCipher::triple_des;
    case Algorithm::sm4:
        return crypto::BlockCipher::sm4;
    case Algorithm::ssf33:
        break;
    }
    return fail(Reason::algorithm_unpublished, "SSF33");
}

// EF06 record by record: a terminal takes number and name only, and leaves sex, birth and origin on the card.
Result<HolderData> readHolderData(Channel& channel, Version version) {
    auto numberField = readByTag(channel, holderFile, Tag::social_security_number);
    if (!numberField)
        return failWith(numberField);
    auto number = socialSecurityNumberFrom(*numberField);
    wipe(*numberField);
    if (!number)
        return failWith(number);
    auto nameField = readByTag(channel, holderFile, Tag::name);
    if (!nameField)
        return failWith(nameField);
    std::optional<Bytes> continued;
    if (version != Version::v1_0 && nameMayContinue(*nameField)) {
        auto more = readByTagIfThere(channel, holderFile, Tag::name_continued);
        if (!more)
            return failWith(more);
        continued = std::move(*more);
    }
    auto name = nameFrom(*nameField, continued ? ByteView(*continued) : ByteView());
    wipe(*nameField);
    if (!name)
        return failWith(name);
    return HolderData{std::move(*number), std::move(*name)};
}

// What the card's answers so far say about which keys it must hold.
Result<ProofRequest> requestAbout(const CardEvidence& evidence) {
    const auto cipher = cipherOf(evidence.algorithm);
    if (!cipher)
        return failWith(cipher);
    const auto historical = historicalBytes(evidence.atr);
    if (!historical)
        return failWith(historical);
    ProofRequest request;
    request.cipher = *cipher;
    request.cityCode = evidence.issuer.cityCode;
    request.historical = *historical;
    request.cardIdentifier = evidence.issuer.cardIdentifier;
    return request;
}

Result<void> authenticate(Channel& channel, ProofSource& source, CardEvidence& evidence) {
    auto about = requestAbout(evidence);
    if (!about)
        return failWith(about);
    const bool letsNobodyIn = evidence.issuer.version == Version::v3_0;
    const auto proved = authenticate(
        channel, source, letsNobodyIn ? Proving::card_and_terminal : Proving::card, std::move(*about));
    if (!proved)
        return proved;
    evidence.cardAuthenticated = true;
    evidence.terminalAuthenticated = letsNobodyIn;
    return {};
}

} // namespace

Result<CardEvidence> SocialSecurityCard::read() {
    const auto exclusive = Exclusive::begin(channel_.card());
    if (!exclusive)
        return failWith(exclusive);
    CardEvidence evidence;
    evidence.atr = channel_.card().atr();
    const auto named = selectApplication(channel_);
    if (!named)
        return failWith(named);
    const auto records = readIssuerRecords(channel_);
    if (!records)
        return failWith(records);
    auto issuer = issuerDataFrom(*records);
    if (!issuer)
        return failWith(issuer);
    evidence.issuer = std::move(*issuer);
    evidence.algorithm = named->value_or(algorithmByCity(evidence.issuer.cityCode));
    if (evidence.algorithm == Algorithm::sm4 && !settings_.sm4)
        return fail(Reason::algorithm_switched_off, "SM4");
    if (source_ != nullptr) {
        if (const auto authenticated = authenticate(channel_, *source_, evidence); !authenticated)
            return failWith(authenticated);
    }
    const bool holderReadable = evidence.issuer.version != Version::v3_0 || evidence.terminalAuthenticated;
    if (!holderReadable)
        return evidence;
    auto holder = readHolderData(channel_, evidence.issuer.version);
    if (!holder)
        return failWith(holder);
    evidence.holder = std::move(*holder);
    return evidence;
}

} // namespace ykt::apdu::social_security
