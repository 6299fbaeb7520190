#include "collector/certificates.h"

#include "crypto/jws.h"

#include <nlohmann/json.hpp>

namespace ykt::collector {

namespace {

using nlohmann::json;

constexpr std::string_view messageType = "ykt-signing-request";
constexpr std::size_t longestName = 64; // bytes, of a terminal and of a request
constexpr std::size_t longestSigningRequest = 8'192;

struct Outcome {
    unsigned status = 200; // HTTP's
    std::string text;      // the certificate, or why there is none
};

// Nobody gets a certificate for another name than that of the one which is still good.
Outcome certify(const std::string& signingRequest, std::string_view name, const CertificateSign& sign) {
    const auto asked = crypto::readSigningRequest(signingRequest);
    if (!asked)
        return {400, "not a signing request"};
    if (asked->commonName != name)
        return {403, "for another name"};
    auto certificate = sign(*asked);
    if (!certificate)
        return {500, "cannot be signed now"};
    return {200, std::move(*certificate)};
}

// nullopt: not there, of another form, or too long.
std::optional<std::string> textOf(const json& object, const char* name, std::size_t longest) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().size() > longest)
        return std::nullopt;
    return found->get<std::string>();
}

} // namespace

HttpAnswer answerCertificate(const HttpRequest& request, const CertificateSign& sign) {
    const auto body = json::parse(request.body, nullptr, false);
    const auto signingRequest =
        body.is_object() ? textOf(body, "request", longestSigningRequest) : std::nullopt;
    if (!signingRequest)
        return {400, {}};
    const auto outcome = certify(*signingRequest, request.peer, sign);
    if (outcome.status != 200)
        return {outcome.status, {}};
    return {200, json{{"certificate", outcome.text}}.dump()};
}

Result<CertificateQuestion> openCertificateQuestion(std::string_view message, std::string_view terminal,
                                                    const std::string& caPem, WallTime now) {
    const auto opened = crypto::verifyJws(messageType, message, caPem, now);
    if (!opened)
        return failWith(opened);
    auto question = parseCertificateQuestion(toText(opened->payload));
    if (question && (question->terminal != opened->signer.commonName || question->terminal != terminal))
        return fail(Reason::signature_invalid, "signed by another than the terminal that it is of");
    return question;
}

Result<CertificateQuestion> parseCertificateQuestion(std::string_view payload) {
    const auto object = json::parse(payload, nullptr, false);
    if (!object.is_object())
        return fail(Reason::input_malformed, "not the documented JSON");
    auto terminal = textOf(object, "terminal", longestName);
    auto request = textOf(object, "request", longestName);
    auto signingRequest = object.contains("signing_request")
                              ? textOf(object, "signing_request", longestSigningRequest)
                              : std::string();
    if (!terminal || terminal->empty() || !request || request->empty() || !signingRequest)
        return fail(Reason::input_malformed, "not the documented JSON");
    return CertificateQuestion{std::move(*terminal), std::move(*request), std::move(*signingRequest)};
}

std::string answerCertificateQuestion(const CertificateQuestion& question, const CertificateSign& sign) {
    json answer{{"terminal", question.terminal}, {"request", question.request}};
    if (!question.signingRequest.empty()) {
        const auto outcome = certify(question.signingRequest, question.terminal, sign);
        answer[outcome.status == 200 ? "certificate" : "refused"] = outcome.text;
    }
    return answer.dump();
}

} // namespace ykt::collector
