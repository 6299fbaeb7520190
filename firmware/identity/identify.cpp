#include "firmware/identity/identify.h"

#include "base/hex.h"
#include "crypto/digest.h"
#include "firmware/identity/id_number.h"

#include <algorithm>

namespace ykt::firmware::identity {
namespace {

using namespace std::chrono_literals;

constexpr auto chinaOffset = 8h; // the one official time of the country, without summer time since 1992

// How long after its validity a code stays claimed: the terminal's clock may be set back a little meanwhile.
constexpr auto singleUseMargin = 60s;

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

Result<void> takeDates(VerifiedIdentity& identity, const apdu::social_security::IssuerData& issuer) {
    if ((issuer.issued && !issuer.issued->ok()) || (issuer.expires && !issuer.expires->ok()))
        return fail(Reason::card_data_malformed, "date of EF05");
    if (issuer.issued)
        identity.validFrom = startOfDayInChina(*issuer.issued);
    if (issuer.expires)
        identity.validUntil = startOfDayInChina(*issuer.expires) + std::chrono::days{1};
    return {};
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
    if (const auto dates = takeDates(identity, evidence.issuer); !dates)
        return failWith(dates);
    if (evidence.holder) {
        if (const auto holder = takeHolder(identity, *evidence.holder, key); !holder)
            return failWith(holder);
    }
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

Result<VerifiedIdentity> identify(const qr::FusionCode& code, ByteView payload, WallTime now) {
    VerifiedIdentity identity;
    identity.medium = Medium::fusion_code;
    identity.assurance = Assurance::authenticated;
    identity.subject = code.holderReference;
    identity.mediumId = PersonalData<std::string>{toHex(code.holderReference)};
    identity.region = code.regionCode;
    identity.holderClass = holderClassFromTag(static_cast<char>(code.holderClass));
    identity.validUntil = std::min<WallTime>(code.generated + code.validity + 1s, code.authorisedUntil);
    identity.singleUse = singleUse(payload, *identity.validUntil);
    return checked(std::move(identity), now);
}

Result<VerifiedIdentity> identify(const qr::ElectronicCardCode& code, const PseudonymKey& key) {
    VerifiedIdentity identity;
    identity.medium = Medium::electronic_card_code;
    identity.assurance = Assurance::presented;
    identity.subject = pseudonym(key, "electronic:", code.token.reveal());
    identity.mediumId = PersonalData<std::string>{toHex(identity.subject)};
    return identity;
}

Result<VerifiedIdentity> identify(const qr::CodeEvidence& evidence, ByteView payload, const PseudonymKey& key,
                                  WallTime now) {
    struct Visitor {
        ByteView payload;
        const PseudonymKey& key;
        WallTime now;
        Result<VerifiedIdentity> operator()(const qr::TransitCode& code) const {
            return identify(code, payload, key, now);
        }
        Result<VerifiedIdentity> operator()(const qr::FusionCode& code) const {
            return identify(code, payload, now);
        }
        Result<VerifiedIdentity> operator()(const qr::ElectronicCardCode& code) const {
            return identify(code, key);
        }
    };
    return std::visit(Visitor{payload, key, now}, evidence);
}

} // namespace ykt::firmware::identity
