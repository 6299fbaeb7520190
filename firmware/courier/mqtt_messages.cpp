#include "firmware/courier/mqtt_messages.h"

#include "base/base64.h"
#include "base/hex.h"
#include "firmware/courier/wire_format.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace ykt::firmware::courier {

namespace {

using nlohmann::json;

constexpr std::string_view root = "ykt/v1/";
constexpr std::size_t longestTerminal = 32;
constexpr std::size_t longestRequest = 64;
constexpr std::size_t longestCertificate = 16'384;
constexpr std::size_t longestRefusal = 200;
// The latest time that a collector may tell, in milliseconds: the year 9999, far from any overflow.
constexpr std::uint64_t latestMilliseconds = 253'402'300'799'000;

std::string under(std::string_view part, std::string_view rest) {
    return std::string(root).append(part).append("/").append(rest);
}

std::optional<std::string> textOf(const json& object, const char* name, std::size_t longest) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().size() > longest)
        return std::nullopt;
    return found->get<std::string>();
}

std::optional<std::uint64_t> numberOf(const json& object, const char* name, std::uint64_t largest) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() > largest)
        return std::nullopt;
    return found->get<std::uint64_t>();
}

} // namespace

std::string topics::transactions(std::string_view terminal) {
    return under(terminal, "transactions");
}
std::string topics::receipts(std::string_view terminal) {
    return under(terminal, "receipts");
}
std::string topics::status(std::string_view terminal) {
    return under(terminal, "status");
}
std::string topics::signingRequests(std::string_view terminal) {
    return under(terminal, "signing-requests");
}
std::string topics::certificates(std::string_view terminal) {
    return under(terminal, "certificates");
}
std::string topics::bulletin(std::string_view kind) {
    return under("bulletins", kind);
}
std::string topics::wholeBulletin(std::string_view kind) {
    return bulletin(kind) + "/whole";
}
std::string topics::attachmentPart(const crypto::Digest& sha256, std::uint64_t part) {
    return under("attachments", toHex(sha256) + "/" + std::to_string(part));
}

Result<std::string> signBatch(const std::vector<offline_store::Record>& batch, std::string_view request,
                              std::string_view certificatePem, const crypto::P256PrivateKey& key) {
    auto body = formatBatch(batch);
    body.insert(1, "\"request\":" + json(request).dump() + ",");
    return crypto::signJws(transactionsType, asBytes(body), certificatePem, key);
}

Result<ReceiptsMessage> parseReceiptsMessage(std::string_view text) {
    const auto object = json::parse(text, nullptr, false);
    if (!object.is_object())
        return fail(Reason::reply_malformed, "receipts: not a JSON object");
    const auto terminal = textOf(object, "terminal", longestTerminal);
    const auto epoch = numberOf(object, "epoch", std::numeric_limits<std::uint32_t>::max());
    const auto request = textOf(object, "request", longestRequest);
    const auto serverTime = numberOf(object, "server_ms", latestMilliseconds);
    if (!terminal || !epoch || !request || (object.contains("server_ms") && !serverTime))
        return fail(Reason::reply_malformed, "receipts: a field is missing or of another type");
    auto receipts = parseReceipts(text);
    if (!receipts)
        return failWith(receipts);
    ReceiptsMessage message{*terminal, static_cast<std::uint32_t>(*epoch), *request, std::nullopt,
                            std::move(*receipts)};
    if (serverTime)
        message.serverTime = wallFromUnixMilliseconds(static_cast<std::int64_t>(*serverTime));
    return message;
}

Result<ReceiptsMessage> openReceiptsMessage(std::string_view text, std::string_view signer,
                                            std::string_view caPem, WallTime now) {
    const auto opened = crypto::verifyJws(receiptsType, text, caPem, now);
    if (!opened)
        return failWith(opened);
    if (opened->signer.commonName != signer)
        return fail(Reason::signature_invalid, "receipts: signed by another than the collector");
    return parseReceiptsMessage(toText(opened->payload));
}

Result<std::string> signCertificateQuestion(std::string_view terminal, std::string_view request,
                                            std::string_view signingRequest, std::string_view certificatePem,
                                            const crypto::P256PrivateKey& key) {
    json body{{"terminal", terminal}, {"request", request}};
    if (!signingRequest.empty())
        body["signing_request"] = signingRequest;
    return crypto::signJws(signingRequestType, asBytes(body.dump()), certificatePem, key);
}

Result<CertificateMessage> parseCertificateMessage(std::string_view text) {
    const auto object = json::parse(text, nullptr, false);
    if (!object.is_object())
        return fail(Reason::reply_malformed, "certificate: not a JSON object");
    const auto optional = [&](const char* name, std::size_t longest) {
        return object.contains(name) ? textOf(object, name, longest) : std::string();
    };
    auto terminal = textOf(object, "terminal", longestTerminal);
    auto request = textOf(object, "request", longestRequest);
    auto certificate = optional("certificate", longestCertificate);
    auto refusal = optional("refused", longestRefusal);
    if (!terminal || !request || !certificate || !refusal)
        return fail(Reason::reply_malformed, "certificate: a field is missing or of another type");
    return CertificateMessage{std::move(*terminal), std::move(*request), std::move(*certificate),
                              std::move(*refusal)};
}

std::optional<std::uint64_t> claimedVersion(ByteView signedBulletin) {
    const auto envelope = json::parse(signedBulletin.begin(), signedBulletin.end(), nullptr, false);
    if (!envelope.is_object())
        return std::nullopt;
    const auto encoded = textOf(envelope, "content", signedBulletin.size());
    const auto content = encoded ? fromBase64(*encoded) : fail(Reason::input_malformed);
    if (!content)
        return std::nullopt;
    const auto object = json::parse(content->begin(), content->end(), nullptr, false);
    return object.is_object() ? numberOf(object, "version", std::numeric_limits<std::int64_t>::max())
                              : std::nullopt;
}

} // namespace ykt::firmware::courier
