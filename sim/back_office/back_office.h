// The other end of docs/back-office-api.md: the collector with what only a simulated operator has: an HSM, a
// token book, purses, and the faults that a network and a back office have.
#pragma once

#include "collector/certificates.h"
#include "crypto/tls.h"
#include "sim/back_office/hsm_endpoint.h"
#include "sim/back_office/token_book.h"
#include "sim/cards/card_issuer.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace ykt::sim {

// What the back office believes of one debit of one purse.
struct PurseLine {
    enum class State {
        settled,     // left the purse
        unresolved,  // begun, and only the card knows
        not_debited, // begun, and nothing left
    };
    std::string serial;        // 16 hexadecimal digits
    std::uint16_t counter = 0; // of the purse, before the debit
    std::uint32_t amountFen = 0;
    State state = State::unresolved;
    bool proven = false; // the card's transaction code was checked

    bool operator==(const PurseLine&) const = default;
};

// Whether a card made that transaction code. Any thread may call it.
using TacCheck = std::function<Result<bool>(const PurchaseClaim& claim)>;

struct LedgerRow {
    std::string terminal;
    std::uint32_t epoch = 0;
    std::uint64_t sequence = 0;
    std::string recordClass;
    std::string kind;
    std::string payload;
    std::string receipt;
    WallTime wall{};                         // when the terminal wrote it
    std::optional<PurseLine> purse{};        // as this record has it, if it is about a purse
    std::optional<bool> deferredCodeHolds{}; // of a code that was taken on trust: what the token book says
};

// What is wrong with /v1/ecard/qrcode/valid.
struct VerifierFaults {
    Milliseconds delay{0};
    unsigned status = 0;         // answered whatever was asked; 0: none
    std::string body{};          // with status 200, whatever was asked; empty: none
    bool wrongRequestId = false; // the right answer, to a request that nobody made
    bool previousAnswer = false; // the answer before, whole
};

struct BackOfficeOptions {
    std::filesystem::path ledgerFile; // SQLite; made if it is not there
    std::string caPem;                // terminals must show certificates under it
    crypto::TlsIdentity identity;
    std::uint16_t port = 0;            // 0: the system picks one
    HsmProve prove{};                  // none: there is no HSM (404)
    collector::CertificateSign sign{}; // none: certificates are not renewed (404)
    TacCheck tacIsRight{};             // none: transaction codes are not checked
};

class BackOffice {
  public:
    // Listens on 127.0.0.1 from here until destruction, which takes less than a second.
    // Errors: certificate_invalid, key_invalid, crypto_failed, unreachable (the port is taken), store_failed.
    static Result<std::unique_ptr<BackOffice>> start(BackOfficeOptions options, const hal::Clock& clock);
    ~BackOffice();

    [[nodiscard]] std::uint16_t port() const;

    // Offers a signed bulletin; what stands under (kind, version) is replaced. It is not looked into.
    void offer(const std::string& kind, std::uint64_t version, Bytes signedBulletin);
    // The same version for a terminal that has `base`, and files that bulletins name by their SHA-256.
    void offerDelta(const std::string& kind, std::uint64_t base, std::uint64_t version, Bytes signedBulletin);
    void offerFile(Bytes file);

    // What was settled, by terminal, epoch and sequence.
    [[nodiscard]] std::vector<LedgerRow> rows() const;
    // What an auditor would ask about: missing sequences and records that do not continue the one before.
    [[nodiscard]] std::vector<std::string> audit() const;
    // What left which purse, one line for each purse and counter.
    [[nodiscard]] std::vector<PurseLine> purseLines() const;
    // Requests for /v1/transactions that arrived whole, whatever their answer.
    [[nodiscard]] std::uint64_t requests() const;
    // Requests for /v1/hsm/proofs that arrived whole, whatever their answer.
    [[nodiscard]] std::uint64_t hsmRequests() const;
    // Requests for /v1/ecard/qrcode/valid that arrived whole, whatever their answer.
    [[nodiscard]] std::uint64_t verifierRequests() const;
    // The last body of /v1/status that this terminal sent; empty: none.
    [[nodiscard]] std::string lastStatus(const std::string& terminal) const;
    // Who was given which token.
    [[nodiscard]] TokenBook& tokens();

    // -- faults
    // false: listener closed, connections ended; true: listening again on the same port. Errors: unreachable.
    Result<void> setReachable(bool reachable);
    void dropEveryNthAnswer(unsigned n); // settled, but the connection ends without an answer; 0: never
    void answerBusy(unsigned retryAfterSeconds); // 503 with Retry-After; 0: never
    void setLargestRequest(std::size_t bytes);   // beyond: 413
    void rejectKind(const std::string& kind);    // records of this kind are rejected; empty: none
    void choke(const std::string& kind); // a batch with a record of this kind is answered 400; empty: none
    void refuseTransactions(unsigned status); // every batch is answered this status; 0: none
    void delayAnswers(Milliseconds delay);
    // The next answers to /v1/transactions carry this body with status 200, and nothing is settled; empty:
    // never.
    void answerWith(std::string body);
    void delayHsm(Milliseconds delay);
    void refuseHsm(unsigned status);      // /v1/hsm/proofs answers this status; 0: never
    void answerHsmWith(std::string body); // with status 200, whatever was asked; empty: never
    void setVerifierFaults(VerifierFaults faults);

  private:
    struct Impl;
    explicit BackOffice(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace ykt::sim
