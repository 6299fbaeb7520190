// Where a lane lays what a camera or a scan engine was shown: which of it is ours, whether it is a new
// presentation, and from there the whole way to the outcome.
#pragma once

#include "firmware/courier/online_verifier.h"
#include "firmware/terminal/terminal.h"

namespace ykt::firmware::terminal {

struct CodeLaneParts {
    Terminal& terminal;
    const Secret& pseudonymKey;
    courier::OnlineVerifier* verifier = nullptr; // null: codes that only it can prove are decided as offline
    std::chrono::microseconds frameBudget{15'000};
    Milliseconds sameAccount{2000}; // a code of the account that was just accepted is its presentation still
};

// Used by one thread.
class CodeIntake {
  public:
    CodeIntake(std::string lane, const CodeLaneParts& parts) : lane_(std::move(lane)), parts_(parts) {}

    // All payloads that were in view at once. Two of ours are one too many; what is of no programme of ours
    // (a poster behind the phone) is told only when nothing of ours is there.
    void take(const std::vector<ByteView>& payloads, MonotonicTime seen);

    // What was in view cannot be taken, whoever shows it: told once for as long as it is there.
    void refuse(Reason reason, MonotonicTime seen);

    // A phone is held up for many frames: what was in view less than this ago is the same presentation.
    static constexpr Milliseconds samePresentation{2000};

  private:
    struct Sight {
        ByteArray<32> digest{};
        MonotonicTime last{};
    };
    struct AcceptedAccount {
        identity::SubjectId subject{};
        MonotonicTime at{};
    };

    void present(ByteView payload, MonotonicTime seen);
    Result<identity::VerifiedIdentity> identify(ByteView payload, Presentation& presentation);
    Result<identity::VerifiedIdentity> identifyOnline(const qr::OnlineCode& code,
                                                      const policy::Service* service, WallTime now);
    Result<bool> isUsed(const identity::VerifiedIdentity& identity, const policy::Service& service,
                        WallTime now);
    bool isNew(const ByteArray<32>& digest, MonotonicTime seen);
    [[nodiscard]] bool isAcceptedAccount(const identity::VerifiedIdentity& identity,
                                         MonotonicTime seen) const;

    std::string lane_;
    CodeLaneParts parts_;
    std::vector<Sight> sights_; // a handful: what was in view of late
    std::optional<AcceptedAccount> accepted_;
};

} // namespace ykt::firmware::terminal
