#include "qr/explain.h"

#include "base/hex.h"

namespace ykt::qr {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string masked(const PersonalData<std::string>& account) {
    constexpr std::size_t shown = 4;
    std::string text = account.reveal();
    if (text.size() > shown)
        text.replace(0, text.size() - shown, text.size() - shown, '*');
    return text;
}

std::string yearAndMonth(int year, int month) {
    return std::to_string(year) + (month < 10 ? "-0" : "-") + std::to_string(month);
}

Fields fieldsOf(const TransitCode& code) {
    return {{"ca_index", std::to_string(code.caIndex)},
            {"certificate_issuer", toHex(code.certificateIssuer)},
            {"certificate_expiry", yearAndMonth(code.certificateExpiryYear, code.certificateExpiryMonth)},
            {"certificate_serial", toHex(code.certificateSerial)},
            {"issuer_public_key", toHex(code.issuerPoint)},
            {"payment_account", masked(code.paymentAccount)},
            {"card_account", masked(code.cardAccount)},
            {"issuer", toHex(code.issuer)},
            {"platform", toHex(code.platform)},
            {"account_type", std::to_string(code.accountType)},
            {"trip_limit_fen", std::to_string(code.tripLimitFen)},
            {"user_public_key", toHex(code.userPoint)},
            {"authorised_until", formatUtc(code.authorisedUntil)},
            {"validity_s", std::to_string(code.validity.count())},
            {"custom", toHex(code.custom)},
            {"generated", formatUtc(code.generated)}};
}

Fields fieldsOf(const FusionCode& code) {
    return {
        {"version", std::to_string(code.version)},
        {"ca_index", std::to_string(code.caIndex)},
        {"certificate_issuer", toHex(code.certificateIssuer)},
        {"certificate_expiry", formatUtc(code.certificateExpiry)},
        {"certificate_serial", toHex(code.certificateSerial)},
        {"issuer_public_key", toHex(code.issuerPoint)},
        {"holder_reference", toHex(code.holderReference)},
        {"region_code", code.regionCode},
        {"holder_class", code.holderClass == 0 ? "" : std::string(1, static_cast<char>(code.holderClass))},
        {"user_public_key", toHex(code.userPoint)},
        {"authorised_until", formatUtc(code.authorisedUntil)},
        {"validity_s", std::to_string(code.validity.count())},
        {"generated", formatUtc(code.generated)}};
}

Fields fieldsOf(ByteView payload, CodeFormat format) {
    if (format == CodeFormat::transit_code) {
        const auto code = parseTransitCode(payload);
        return code ? fieldsOf(*code) : Fields{};
    }
    if (format == CodeFormat::fusion_code) {
        const auto code = parseFusionCode(payload);
        return code ? fieldsOf(*code) : Fields{};
    }
    return {{"characters", std::to_string(payload.size())}}; // the token itself is a credential
}

} // namespace

Explanation explainCode(ByteView payload, const TrustAnchors& anchors, WallTime now, std::uint32_t fareFen) {
    const auto format = recognise(payload);
    if (!format)
        return {"unknown", std::string{nameOf(Reason::format_unknown)}, {}};
    const auto verified = verifyCode(payload, anchors, now, fareFen);
    std::string verdict = "accept";
    if (!verified)
        verdict = nameOf(verified.error().reason);
    else if (*format == CodeFormat::electronic_card_code)
        verdict = nameOf(Reason::online_only);
    return {std::string{nameOf(*format)}, std::move(verdict), fieldsOf(payload, *format)};
}

} // namespace ykt::qr
