// The messages of docs/mqtt-api.md.
#pragma once

#include "crypto/jws.h"
#include "firmware/courier/upstream.h"

namespace ykt::firmware::courier {

inline constexpr std::size_t attachmentPartBytes = 262'144;
inline constexpr std::string_view transactionsType = "ykt-transactions"; // the JWS's typ
inline constexpr std::string_view receiptsType = "ykt-receipts";
inline constexpr std::string_view signingRequestType = "ykt-signing-request";

namespace topics {
std::string transactions(std::string_view terminal);
std::string receipts(std::string_view terminal);
std::string status(std::string_view terminal);
std::string signingRequests(std::string_view terminal);
std::string certificates(std::string_view terminal);
std::string bulletin(std::string_view kind);
std::string wholeBulletin(std::string_view kind);
std::string attachmentPart(const crypto::Digest& sha256, std::uint64_t part);
} // namespace topics

// A batch that is not empty, as it is published. Errors: certificate_invalid, key_invalid, crypto_failed.
Result<std::string> signBatch(const std::vector<offline_store::Record>& batch, std::string_view request,
                              std::string_view certificatePem, const crypto::P256PrivateKey& key);

struct ReceiptsMessage {
    std::string terminal;
    std::uint32_t epoch = 0;
    std::string request;                // of what it answers
    std::optional<WallTime> serverTime; // when it was made
    std::vector<DeliveryReceipt> receipts;
};

// Errors: reply_malformed.
Result<ReceiptsMessage> parseReceiptsMessage(std::string_view text);
// What `signer` (a common name under `caPem`) has signed. Errors: also those of crypto::verifyJws;
// signature_invalid (another has signed it).
Result<ReceiptsMessage> openReceiptsMessage(std::string_view text, std::string_view signer,
                                            std::string_view caPem, WallTime now);

// A question about the terminal's certificate, signed with it: for another one for `signingRequest` (PEM),
// or, where that is empty, whether it is taken. Errors: as signBatch.
Result<std::string> signCertificateQuestion(std::string_view terminal, std::string_view request,
                                            std::string_view signingRequest, std::string_view certificatePem,
                                            const crypto::P256PrivateKey& key);

struct CertificateMessage {
    std::string terminal;
    std::string request;     // of what it answers
    std::string certificate; // PEM, not looked into; empty: none was asked for, or it is refused
    std::string refusal;     // why there is none; empty: it is not refused
};

// Errors: reply_malformed.
Result<CertificateMessage> parseCertificateMessage(std::string_view text);

// What a signed bulletin says its version is, believed by nobody yet. None: it is not of the form.
std::optional<std::uint64_t> claimedVersion(ByteView signedBulletin);

} // namespace ykt::firmware::courier
