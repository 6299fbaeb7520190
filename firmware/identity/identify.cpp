#include "firmware/identity/identify.h"

#include "base/china_time.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "firmware/identity/id_number.h"

#include <algorithm>

namespace ykt::firmware::identity {
namespace {

using namespace std::chrono_literals;

// How long after its validity a code stays claimed: the terminal's clock may be set back a little meanwhile.
constexpr auto singleUseMargin = 60s;
// An online code does not tell its validity; apps renew it each minute.
constexpr auto singleUseOfToken = 24h;

WallTime startOfDayInChina(std::chrono::year_month_day day) {
    return WallTime{std::chrono::sys_days{day} - chinaOffset};
}

template <std::size_t N>
ByteArray<N> firstBytes(ByteView bytes) {
    ByteArray<N> out{};
    std::ranges::copy(bytes.first(N), out.begin());
    return out;
}

// Where the medium tells no social security number. The kind keeps these pseudonyms apart from each other and
// from holder references: a social security number holds no ':'.
SubjectId pseudonym(const PseudonymKey& key, std::string_view kind, ByteView id) {
    const Secret named{concat({asBytes(kind), id})};
    return firstBytes<16>(crypto::hmacSm3(key, named.reveal()));
}

// Some cards write the check character as 'x': the holder is the same.
PersonalData<std::string> upperCase(const PersonalData<std::string>& number) {
    std::string text = number.reveal();
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return PersonalData<std::string>{std::move(text)};
}

SingleUse singleUse(ByteView payload, WallTime validUntil) {
    return {crypto::sha256(concat({asBytes("ykt-code:"), payload})), validUntil + singleUseMargin};
}

// The phone can make as many emergency codes as it likes: what it was authorised to is one use.
SingleUse singleUseOfAuthorisation(const qr::FusionCode& code) {
    auto authorisation = concat({asBytes("ykt-emergency:"), code.sealedHolder, code.userPoint});
    appendBigEndian(authorisation, static_cast<std::uint64_t>(unixSeconds(code.authorisedUntil)), 4);
    return {crypto::sha256(authorisation), code.authorisedUntil + singleUseMargin};
}

Medium mediumOf(const qr::OnlineCode& code) {
    return code.format == qr::CodeFormat::fusion_code ? Medium::fusion_code : Medium::electronic_card_code;
}

Result<VerifiedIdentity> checked(VerifiedIdentity identity, WallTime now) {
    if (const auto valid = checkValidity(identity, now); !valid)
        return failWith(valid);
    return identity;
}

Result<void> takeHolder(VerifiedIdentity& identity, const apdu::social_security::HolderData& holder,
                        const PseudonymKey& key) {
    auto number = upperCase(holder.socialSecurityNumber);
    if (auto form = checkSocialSecurityNumber(number.reveal()); !form)
        return form;
    identity.subject = qr::holderReference(key, number); // the one that a fusion code of this holder carries
    identity.socialSecurityNumber = std::move(number);
    identity.name = holder.name;
    return {};
}

// Both days are whole days in China.
Result<void> takeDates(VerifiedIdentity& identity, const std::optional<std::chrono::year_month_day>& first,
                       const std::optional<std::chrono::year_month_day>& last) {
    if ((first && !first->ok()) || (last && !last->ok()))
        return fail(Reason::card_data_malformed, "date of validity");
    if (first)
        identity.validFrom = startOfDayInChina(*first);
    if (last)
        identity.validUntil = startOfDayInChina(*last) + std::chrono::days{1};
    return {};
}

// The city of JT/T 978 is four digits of GB/T 2260; the county is not told.
std::string regionOfCity(std::uint16_t city) {
    const auto digits = toHex(Bytes{static_cast<std::uint8_t>(city >> 8), static_cast<std::uint8_t>(city)});
    const bool told = city != 0 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    return told ? digits + "00" : std::string();
}

HolderClass holderClassOfPurse(std::uint8_t cardType) {
    switch (cardType) {
    case 0x01:
        return HolderClass::adult;
    case 0x02:
        return HolderClass::student;
    case 0x03:
        return HolderClass::senior;
    default: // test cards, soldiers and what is not published: no concession of ours is theirs
        return HolderClass::unknown;
    }
}

} // namespace

Result<VerifiedIdentity> identify(const apdu::social_security::CardEvidence& evidence,
                                  const PseudonymKey& key, WallTime now) {
    VerifiedIdentity identity;
    identity.medium = Medium::social_security_card;
    identity.assurance = evidence.cardAuthenticated ? Assurance::authenticated : Assurance::read;
    identity.subject = pseudonym(key, "card:", evidence.issuer.cardIdentifier);
    identity.mediumId = PersonalData<std::string>{toHex(evidence.issuer.cardIdentifier)};
    identity.region = evidence.issuer.cityCode;
    identity.holderClass = holderClassFromTag(evidence.issuer.cardClass.value_or('0'));
    if (const auto dates = takeDates(identity, evidence.issuer.issued, evidence.issuer.expires); !dates)
        return failWith(dates);
    if (evidence.holder) {
        if (const auto holder = takeHolder(identity, *evidence.holder, key); !holder)
            return failWith(holder);
    }
    return checked(std::move(identity), now);
}

Result<VerifiedIdentity> identify(const apdu::transit::PurseEvidence& evidence, const PseudonymKey& key,
                                  WallTime now) {
    if (!evidence.management.interoperable)
        return fail(Reason::purse_not_accepted, "not interoperable");
    VerifiedIdentity identity;
    identity.medium = Medium::transit_purse;
    identity.assurance = Assurance::authenticated;
    identity.mediumId = PersonalData<std::string>{toHex(evidence.card.serial)};
    identity.subject = pseudonym(key, "purse:", asBytes(identity.mediumId.reveal()));
    identity.region = regionOfCity(evidence.management.city);
    identity.holderClass = holderClassOfPurse(evidence.management.cardType);
    if (const auto dates = takeDates(identity, evidence.card.start, evidence.card.expires); !dates)
        return failWith(dates);
    return checked(std::move(identity), now);
}

Result<VerifiedIdentity> identify(const LegacyHolder& holder, WallTime now) {
    VerifiedIdentity identity;
    identity.medium = Medium::legacy_card;
    identity.assurance = Assurance::presented;
    identity.subject = holder.subject;
    identity.mediumId = PersonalData<std::string>{toHex(holder.digest)};
    identity.region = holder.region;
    identity.holderClass = holder.holderClass;
    if (const auto dates = takeDates(identity, std::nullopt, holder.lastDay); !dates)
        return failWith(dates);
    return checked(std::move(identity), now);
}

Result<VerifiedIdentity> identify(const qr::TransitCode& code, ByteView payload, const PseudonymKey& key,
                                  WallTime now) {
    VerifiedIdentity identity;
    identity.medium = Medium::transit_code;
    identity.assurance = Assurance::authenticated;
    identity.subject = pseudonym(key, "transit:", asBytes(code.cardAccount.reveal()));
    identity.mediumId = code.cardAccount;
    identity.tripLimitFen = code.tripLimitFen;
    // The last second of a code is still valid; the authorisation ends when its time comes (JT/T 1179, grade
    // B/C).
    identity.validUntil = std::min<WallTime>(code.generated + code.validity + 1s, code.authorisedUntil);
    identity.singleUse = singleUse(payload, *identity.validUntil);
    return checked(std::move(identity), now);
}

Result<VerifiedIdentity> identify(const qr::FusionCode& code, ByteView payload, const PseudonymKey& key,
                                  bool openHolder, WallTime now) {
    VerifiedIdentity identity;
    identity.medium = Medium::fusion_code;
    identity.emergency = code.form == qr::FusionForm::emergency;
    identity.assurance = identity.emergency ? Assurance::read : Assurance::authenticated;
    if (openHolder) {
        const auto holder = code.openHolder(key);
        if (!holder)
            return failWith(holder);
        identity.subject = *holder;
        identity.mediumId = PersonalData<std::string>{toHex(*holder)};
    } else {
        identity.subject = pseudonym(key, "fusion:", code.sealedHolder);
        identity.mediumId = PersonalData<std::string>{toHex(code.sealedHolder)};
    }
    identity.region = code.regionCode;
    identity.holderClass = holderClassFromTag(static_cast<char>(code.holderClass));
    identity.validUntil = std::min<WallTime>(code.generated + code.validity + 1s, code.authorisedUntil);
    identity.singleUse =
        identity.emergency ? singleUseOfAuthorisation(code) : singleUse(payload, *identity.validUntil);
    return checked(std::move(identity), now);
}

VerifiedIdentity identify(const qr::OnlineCode& code, const PseudonymKey& key, WallTime now) {
    VerifiedIdentity identity;
    identity.medium = mediumOf(code);
    identity.assurance = Assurance::presented;
    identity.subject = pseudonym(key, "electronic:", code.token.reveal());
    identity.mediumId = PersonalData<std::string>{toHex(identity.subject)};
    identity.singleUse = singleUse(code.token.reveal(), now + singleUseOfToken);
    identity.unverified = {PersonalData<std::string>{toText(code.token.reveal())}, std::nullopt};
    return identity;
}

VerifiedIdentity identify(const qr::OnlineCode& code, const OnlineAnswer& answer, const PseudonymKey& key,
                          WallTime now) {
    auto identity = identify(code, key, now);
    identity.assurance = Assurance::authenticated;
    identity.subject = pseudonym(key, "essc:", asBytes(answer.cardNumber.reveal()));
    identity.mediumId = answer.cardNumber;
    identity.region = answer.region;
    identity.unverified.reset();
    return identity;
}

Result<VerifiedIdentity> identify(const qr::CodeEvidence& evidence, ByteView payload, const PseudonymKey& key,
                                  bool openHolder, WallTime now) {
    struct Visitor {
        ByteView payload;
        const PseudonymKey& key;
        bool openHolder;
        WallTime now;
        Result<VerifiedIdentity> operator()(const qr::TransitCode& code) const {
            return identify(code, payload, key, now);
        }
        Result<VerifiedIdentity> operator()(const qr::FusionCode& code) const {
            return identify(code, payload, key, openHolder, now);
        }
        Result<VerifiedIdentity> operator()(const qr::OnlineCode& code) const {
            return identify(code, key, now);
        }
    };
    return std::visit(Visitor{payload, key, openHolder, now}, evidence);
}

} // namespace ykt::firmware::identity
