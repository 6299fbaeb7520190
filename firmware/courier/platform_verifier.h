// The national platform's check of electronic card codes, behind our back office: POST
// /v1/ecard/qrcode/valid of docs/back-office-api.md (standards: grade B, one vendor).
#pragma once

#include "firmware/courier/lane_client.h"
#include "firmware/courier/online_verifier.h"

namespace ykt::firmware::courier {

struct PlatformVerifierSettings {
    Milliseconds timeout{800};      // of one question with all that it needs
    std::string businessType{"02"}; // busiType: 01 enquiry, 02 payment, 03 other, 04 treatment elsewhere
};

class PlatformVerifier final : public OnlineVerifier {
  public:
    // Connects at the first question. Errors: certificate_invalid, key_invalid, crypto_failed.
    static Result<std::unique_ptr<PlatformVerifier>>
    create(const HttpsServer& server, PlatformVerifierSettings settings, const hal::Clock& clock);

    // Errors: as OnlineVerifier.
    Result<identity::OnlineAnswer> verify(const qr::OnlineCode& code,
                                          const identity::QuestionId& question) override;

    // As LaneClient::reconnect.
    Result<void> reconnect(const HttpsServer& server) { return client_->reconnect(server); }

    // From now on every verify(), the running one too, ends at once.
    void stop() { client_->stop(); }

  private:
    PlatformVerifier(std::unique_ptr<LaneClient> client, std::string businessType)
        : client_(std::move(client)), businessType_(std::move(businessType)) {}

    std::unique_ptr<LaneClient> client_;
    std::string businessType_;
};

} // namespace ykt::firmware::courier
