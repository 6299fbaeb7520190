// The card issuer's HSM behind the back office, where no SAM is fitted: POST /v1/hsm/proofs of
// docs/back-office-api.md. A proof belongs to one random challenge, so none is kept.
#pragma once

#include "apdu/social_security/proofs.h"
#include "firmware/courier/lane_client.h"

namespace ykt::firmware::courier {

class RemoteHsm final : public apdu::social_security::ProofSource {
  public:
    // Over a connection of its own, so that records on their way hold up no holder. Errors:
    // certificate_invalid, key_invalid, crypto_failed.
    static Result<std::unique_ptr<RemoteHsm>> create(const HttpsServer& server, Milliseconds timeout,
                                                     const hal::Clock& clock);

    // One round trip, which takes `timeout` at most with all that it needs: other lanes' turns, the
    // connection, the answer. Safe to call from several lanes. Errors: hsm_unreachable (also HTTP 5xx),
    // hsm_timeout, hsm_refused (HTTP 4xx, a certificate that either side does not trust, an answer that is
    // not as documented), cancelled.
    Result<apdu::social_security::Proofs> prove(const apdu::social_security::ProofRequest& request) override;

    // As LaneClient::reconnect.
    Result<void> reconnect(const HttpsServer& server) { return client_->reconnect(server); }

    // From now on every prove(), the running one too, ends at once.
    void stop() { client_->stop(); }

  private:
    explicit RemoteHsm(std::unique_ptr<LaneClient> client) : client_(std::move(client)) {}

    std::unique_ptr<LaneClient> client_;
};

} // namespace ykt::firmware::courier
