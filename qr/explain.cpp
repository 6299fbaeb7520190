#include "qr/explain.h"

#include "base/hex.h"

namespace ykt::qr {
namespace {

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

NamedTexts fieldsOf(const TransitCode& code) {
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

NamedTexts fieldsOf(const FusionCode& code) {
    return {
        {"form", std::string{nameOf(code.form)}},
        {"ca_index", std::to_string(code.caIndex)},
        {"certificate_issuer", toHex(code.certificateIssuer)},
        {"certificate_expiry", formatUtc(code.certificateExpiry)},
        {"certificate_serial", toHex(code.certificateSerial)},
        {"issuer_public_key", toHex(code.issuerPoint)},
        {"sealed_holder_reference", toHex(code.sealedHolder)},
        {"region_code", code.regionCode},
        {"holder_class", code.holderClass == 0 ? "" : std::string(1, static_cast<char>(code.holderClass))},
        {"user_public_key", toHex(code.userPoint)},
        {"authorised_until", formatUtc(code.authorisedUntil)},
        {"validity_s", std::to_string(code.validity.count())},
        {"generated", formatUtc(code.generated)}};
}

// The token itself is a credential: only its length is told.
NamedTexts fieldsOfToken(std::size_t characters) {
    return {{"characters", std::to_string(characters)}};
}

NamedTexts fieldsOf(ByteView payload, CodeFormat format) {
    if (format == CodeFormat::transit_code) {
        const auto code = parseTransitCode(payload);
        return code ? fieldsOf(*code) : NamedTexts{};
    }
    if (format == CodeFormat::electronic_card_code)
        return fieldsOfToken(payload.size());
    if (looksLikeOnlineFusionCode(payload)) {
        const auto token = parseFusionToken(payload);
        return token ? fieldsOfToken(token->size()) : NamedTexts{};
    }
    const auto code = parseFusionCode(payload);
    return code ? fieldsOf(*code) : NamedTexts{};
}

NamedTexts signaturesOf(ByteView payload, CodeFormat format, const ChainVerifier& chains) {
    if (format == CodeFormat::electronic_card_code)
        return {};
    const auto chain = format == CodeFormat::transit_code ? transitChain(payload) : fusionChain(payload);
    if (!chain)
        return {};
    const auto verdicts = chains.judge(*chain);
    return {{"ca", verdicts.authority}, {"issuer", verdicts.issuer}, {"user", verdicts.user}};
}

} // namespace

Explanation explainCode(ByteView payload, const CodeVerifier& verifier, WallTime now, std::uint32_t fareFen) {
    const auto kind = recognise(payload);
    const auto verified = verifier.verify(payload, now, fareFen);
    Explanation explanation{std::string{kind.name}, "accept", {}, now, {}, {}};
    if (!verified) {
        explanation.verdict = nameOf(verified.error().reason);
        explanation.why = verified.error().context;
    } else if (std::holds_alternative<OnlineCode>(*verified)) {
        explanation.verdict = nameOf(Reason::online_only);
    }
    if (kind.format) {
        explanation.signatures = signaturesOf(payload, *kind.format, verifier.chains());
        explanation.fields = fieldsOf(payload, *kind.format);
    }
    return explanation;
}

} // namespace ykt::qr
