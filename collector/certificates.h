// Certificates anew for terminals that have one which is still good, as docs/back-office-api.md and
// docs/mqtt-api.md have it.
#pragma once

#include "collector/http_server.h"
#include "crypto/signing_request.h"

namespace ykt::collector {

// A certificate (PEM) for who asks. Any thread may call it.
using CertificateSign = std::function<Result<std::string>(const crypto::SigningRequest& request)>;

// POST /v1/certificate: 400 for what is no request, 403 where it is not for the name of the connection's
// certificate, 500 when nothing could be signed.
HttpAnswer answerCertificate(const HttpRequest& request, const CertificateSign& sign);

// What a terminal published on the topic of signing requests: who it is, and what it asks.
struct CertificateQuestion {
    std::string terminal;
    std::string request;        // how the message is called
    std::string signingRequest; // PEM; empty: whether its certificate is taken here
};

// After the signature was checked: it is the terminal's whose topic it is, under `caPem`. Errors: of
// crypto::verifyJws; input_malformed, signature_invalid.
Result<CertificateQuestion> openCertificateQuestion(std::string_view message, std::string_view terminal,
                                                    const std::string& caPem, WallTime now);
// The payload of such a message. Errors: input_malformed.
Result<CertificateQuestion> parseCertificateQuestion(std::string_view payload);

// The message that answers it.
std::string answerCertificateQuestion(const CertificateQuestion& question, const CertificateSign& sign);

} // namespace ykt::collector
