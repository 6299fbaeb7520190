// A certificate authority of the simulated world: made at start, never kept in the source tree.
#pragma once

#include "crypto/certificate.h"
#include "crypto/signing_request.h"
#include "crypto/tls.h"

#include <filesystem>

namespace ykt::sim {

class Pki {
  public:
    // A self-signed CA, valid from a day before `now` for ten years. Errors: crypto_failed.
    static Result<Pki> create(WallTime now, std::string commonName = "Simulated CA");

    [[nodiscard]] const std::string& caPem() const { return caPem_; }
    // A server certificate for `names`, valid like the CA. Errors: crypto_failed.
    [[nodiscard]] Result<crypto::TlsIdentity> serverIdentity(std::vector<std::string> names = {
                                                                 "localhost", "127.0.0.1"}) const;
    // A client certificate with the terminal's id as common name. Errors: crypto_failed.
    [[nodiscard]] Result<crypto::TlsIdentity> terminalIdentity(const std::string& terminal) const;
    [[nodiscard]] Secret caKeyPem() const { return key_.toPem(); }
    // A certificate for who asks, valid like the CA. Errors: crypto_failed.
    [[nodiscard]] Result<std::string> sign(const crypto::SigningRequest& request) const;
    // Any certificate under this CA, with a fresh key. Errors: crypto_failed.
    [[nodiscard]] Result<crypto::TlsIdentity> issue(const crypto::CertificateRequest& request) const;

  private:
    Pki(crypto::P256PrivateKey key, std::string commonName, WallTime now);
    crypto::P256PrivateKey key_;
    std::string commonName_;
    WallTime now_;
    std::string caPem_;
};

// Writes `folder`/`name`.crt and .key, readable by the owner only. Errors: config_unreadable.
Result<void> writeIdentity(const std::filesystem::path& folder, const std::string& name,
                           const crypto::TlsIdentity& identity);
// Writes a file with mode 0600, replacing one that is there. Errors: config_unreadable.
Result<void> writePrivateFile(const std::filesystem::path& file, ByteView content);

} // namespace ykt::sim
