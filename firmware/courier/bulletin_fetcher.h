// Fetches bulletins, and the files that they name, and installs them. Of the courier's thread alone.
#pragma once

#include "crypto/sm2.h"
#include "firmware/courier/fitting_size.h"
#include "firmware/courier/turn.h"
#include "hal/clock.h"
#include "offline_store/store.h"

#include <functional>
#include <map>

namespace ykt::firmware::courier {

struct BulletinSettings {
    std::vector<std::string> kinds;
    Milliseconds interval{30'000};           // between two times that a kind is asked for
    Milliseconds longestWait{60'000};        // of a kind, or a file, that fails again and again
    Milliseconds longestRetryAfter{600'000}; // Retry-After is obeyed up to here
    // What a bulletin's body must pass before it is installed; none: anything that is signed.
    std::function<Result<void>(const offline_store::Bulletin&)> admits{};
};

class BulletinFetcher {
  public:
    using OnBulletin = std::function<void(std::string_view)>;
    using Done = tl::expected<void, UpstreamError>;

    // A file comes in parts of this size, or smaller ones where the network cannot carry them in time; so
    // many in a row: then records have their turn.
    static constexpr std::size_t partBytes = 262'144;
    static constexpr std::size_t leastPartBytes = 4'096;
    static constexpr int partsInARow = 4;
    // A file of which no part came for so many times is left until the bulletin is offered again: meanwhile a
    // newer one may have taken its place. What is there of it stays. If it was refused, that is reported.
    static constexpr int mostFailures = 8;
    // A bulletin whose file turned out to be another, or found no room, is tried again after this.
    static constexpr std::chrono::minutes retryFile{10};

    BulletinFetcher(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                    crypto::Sm2PublicKey publisher, BulletinSettings settings);

    // When there is something to ask for.
    [[nodiscard]] MonotonicTime due() const;

    // Asks for each kind that is due, directives first, then what has been due longest; what may not be
    // installed is reported upstream and is no error. `onBulletin` is called after each installation. A kind
    // that fails is told and waits by itself. Errors: those alone that end the round (endsRound); what failed
    // so is due as before.
    Done fetch(const std::stop_token& stop, const OnBulletin& onBulletin);

    // A bulletin waits for its file, which proceed() fetches on from where it stands, if it is due; also
    // after a restart. Errors: as fetch.
    [[nodiscard]] bool isUnderWay() const { return download_.has_value(); }
    Done proceed(const std::stop_token& stop, const OnBulletin& onBulletin);

  private:
    struct Kind {
        std::string name;
        Turn turn;
    };
    struct Download {
        std::string kind;
        Bytes signedBulletin;
        offline_store::Attachment file;
        Turn turn;
        int failures = 0; // in a row
    };
    struct Refusal {
        crypto::Digest digest{}; // of the signed bulletin
        MonotonicTime at{};
    };

    [[nodiscard]] Turn newTurn() const;
    [[nodiscard]] bool isDue(const Kind& kind) const;
    Done ask(const std::string& kind, const std::stop_token& stop, const OnBulletin& onBulletin);
    Done ask(const std::string& kind, std::uint64_t above, const std::stop_token& stop,
             const OnBulletin& onBulletin);
    // Or begins the download that has to come first. Errors: why it may not be installed.
    Result<void> take(const std::string& kind, const Bytes& signedBulletin, const OnBulletin& onBulletin);
    Result<void> install(const std::string& kind, const Bytes& signedBulletin, const OnBulletin& onBulletin);
    Done fetchPart(const std::stop_token& stop);
    Done partFailed(std::size_t bytes, const UpstreamError& failed);
    void giveUp(const Error& error);
    void confirm(std::string_view kind);
    void reportRefused(const std::string& kind, const Bytes& signedBulletin, const Error& error);

    offline_store::Store& store_;
    Upstream& upstream_;
    const hal::Clock& clock_;
    const crypto::Sm2PublicKey publisher_;
    const BulletinSettings settings_;
    std::vector<Kind> kinds_;
    FittingSize partSize_{{leastPartBytes, partBytes, partBytes}};
    std::optional<Download> download_;
    std::map<std::string, Refusal, std::less<>> refused_; // the last refused bulletin of each kind
};

} // namespace ykt::firmware::courier
