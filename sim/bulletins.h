// The operator's publisher of signed bulletins, written from docs/bulletins.md alone.
#pragma once

#include "base/time.h"
#include "crypto/sm2.h"

#include <string>

namespace ykt::sim {

class BulletinPublisher {
  public:
    // With a fresh SM2 key. Errors: crypto_failed.
    static Result<BulletinPublisher> create();

    [[nodiscard]] crypto::Sm2PublicKey publicKey() const { return key_.publicKey(); }
    // The signed bulletin's bytes; `bodyJson` is the text of a JSON object. Errors: input_malformed,
    // crypto_failed.
    [[nodiscard]] Result<Bytes> publish(const std::string& kind, std::uint64_t version, WallTime notBefore,
                                        WallTime notAfter, const std::string& bodyJson) const;

  private:
    explicit BulletinPublisher(crypto::Sm2PrivateKey key) : key_(std::move(key)) {}
    crypto::Sm2PrivateKey key_;
};

// An entry of a revocation bulletin: the first 32 hex characters of SHA-256("ykt-revocation" 00 medium 00
// id).
std::string revocationEntry(std::string_view medium, std::string_view id);

} // namespace ykt::sim
