#include "offline_store/bulletin.h"

#include "base/base64.h"
#include "base/hex.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace ykt::offline_store {

namespace {

using nlohmann::json;

// The latest time that a bulletin may name, in seconds: the year 9999, far from any overflow.
constexpr std::int64_t latestSeconds = 253'402'300'799;

const std::string* textOf(const json& object, const char* name) {
    const auto field = object.find(name);
    return field == object.end() ? nullptr : field->get_ptr<const std::string*>();
}

std::optional<std::uint64_t> numberOf(const json& object, const char* name, std::int64_t largest) {
    const auto field = object.find(name);
    if (field == object.end() || !field->is_number_unsigned())
        return std::nullopt;
    const auto value = field->get<std::uint64_t>();
    return value > static_cast<std::uint64_t>(largest) ? std::nullopt : std::optional(value);
}

tl::unexpected<Error> malformed(const char* what) {
    return fail(Reason::bulletin_malformed, what);
}

Result<Bulletin> parseContent(ByteView content) {
    const auto object = json::parse(content.begin(), content.end(), nullptr, false);
    if (!object.is_object())
        return malformed("content is not a JSON object");
    const auto* kind = textOf(object, "kind");
    const auto version = numberOf(object, "version", std::numeric_limits<std::int64_t>::max());
    const auto notBefore = numberOf(object, "not_before", latestSeconds);
    const auto notAfter = numberOf(object, "not_after", latestSeconds);
    const auto body = object.find("body");
    if (!kind || !version || !notBefore || !notAfter || body == object.end() || !body->is_object())
        return malformed("content lacks a field or has one of another type");
    Bulletin bulletin;
    bulletin.kind = *kind;
    bulletin.version = *version;
    bulletin.notBefore = wallFromUnixSeconds(static_cast<std::int64_t>(*notBefore));
    bulletin.notAfter = wallFromUnixSeconds(static_cast<std::int64_t>(*notAfter));
    bulletin.body = body->dump();
    return bulletin;
}

} // namespace

Result<Bulletin> openBulletin(ByteView signedBulletin, const crypto::Sm2PublicKey& publisher) {
    const auto envelope = json::parse(signedBulletin.begin(), signedBulletin.end(), nullptr, false);
    if (!envelope.is_object())
        return malformed("not a JSON object");
    const auto* contentText = textOf(envelope, "content");
    const auto* signatureText = textOf(envelope, "signature");
    if (!contentText || !signatureText)
        return malformed("content or signature is missing");
    const auto content = fromBase64(*contentText);
    const auto signature = fromHex(*signatureText);
    if (!content || !signature || signature->size() != crypto::Sm2Signature{}.size())
        return malformed("content is not base64 or signature is not 64 bytes of hex");
    if (const auto verified = publisher.verify(*content, *signature); !verified)
        return fail(verified.error() == Reason::signature_invalid ? Reason::bulletin_untrusted
                                                                  : verified.error().reason);
    return parseContent(*content);
}

} // namespace ykt::offline_store
