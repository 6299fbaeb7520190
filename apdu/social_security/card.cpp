#include "apdu/social_security/card.h"

#include "apdu/exclusive.h"
#include "apdu/social_security/authentication.h"
#include "apdu/social_security/fields.h"
#include "apdu/tlv.h"

namespace ykt::apdu::social_security {
namespace {

// "sx1.sh." and 社会保障 in GBK
constexpr ByteArray<15> applicationId{0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E, 0xC9,
                                      0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF};
constexpr std::uint32_t fileControlInformation = 0x6F;
constexpr std::uint32_t issuerDiscretionary = 0x9F0C;
constexpr std::uint32_t algorithmTag = 0x86;
constexpr StatusWord fileNotFound = 0x6A82;

Result<std::optional<Algorithm>> algorithmFrom(ByteView fci) {
    if (fci.empty())
        return std::nullopt;
    const auto objects = parseTlv(fci);
    if (!objects)
        return failWith(objects);
    if (findTlv(*objects, fileControlInformation) == nullptr)
        return fail(Reason::tlv_malformed, "not an FCI");
    const auto* discretionary = findTlv(*objects, issuerDiscretionary);
    if (discretionary == nullptr)
        return std::nullopt;
    const auto inner = parseTlv(discretionary->value);
    if (!inner) // the issuer's own content, not necessarily TLV
        return std::nullopt;
    const auto* named = findTlv(*inner, algorithmTag);
    if (named == nullptr)
        return std::nullopt;
    switch (named->value.size() == 1 ? named->value[0] : 0) {
    case 1:
        return Algorithm::triple_des;
    case 2:
        return Algorithm::ssf33;
    case 3:
        return Algorithm::sm4;
    default:
        return fail(Reason::algorithm_unknown, "FCI");
    }
}

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

Result<std::optional<Algorithm>> selectApplication(Channel& channel) {
    const auto command = Command::select(applicationId);
    const auto response = channel.transmit(command);
    if (!response)
        return failWith(response);
    if (response->status == fileNotFound)
        return fail(Reason::application_missing, "SELECT");
    if (!response->ok())
        return tl::unexpected(statusError(command, response->status));
    return algorithmFrom(response->data);
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

Result<void> authenticate(Channel& channel, sam::Sam& sam, CardEvidence& evidence) {
    const auto cipher = cipherOf(evidence.algorithm);
    if (!cipher)
        return failWith(cipher);
    const auto keys = cardKeys(*cipher, evidence.issuer.cityCode, evidence.atr);
    if (!keys)
        return failWith(keys);
    if (auto genuine = authenticateCard(channel, sam, *keys); !genuine)
        return genuine;
    evidence.cardAuthenticated = true;
    if (evidence.issuer.version != Version::v3_0)
        return {};
    if (auto accepted = authenticateTerminal(channel, sam, *keys); !accepted)
        return accepted;
    evidence.terminalAuthenticated = true;
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
    if (sam_ != nullptr) {
        if (const auto authenticated = authenticate(channel_, *sam_, evidence); !authenticated)
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
