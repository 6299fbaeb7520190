// Carries journal records upstream until each is acknowledged, fetches bulletins, and tells how the terminal
// fares. One thread: run().
#pragma once

#include "crypto/sm2.h"
#include "firmware/courier/batch_delivery.h"
#include "firmware/courier/bulletin_fetcher.h"
#include "firmware/courier/link_watch.h"
#include "firmware/courier/status_report.h"
#include "firmware/courier/turn.h"
#include "hal/clock.h"
#include "offline_store/store.h"

#include <condition_variable>
#include <functional>
#include <mutex>

namespace ykt::firmware::courier {

struct CourierSettings : DeliverySettings, StatusSettings {
    Milliseconds firstBackoff{500};
    Milliseconds longestBackoff{60'000};
    Milliseconds longestRetryAfter{600'000}; // Retry-After is obeyed up to here
    Milliseconds bulletinInterval{30'000};
    Milliseconds longestBulletinWait{60'000}; // of a kind, a file or the status that fails again and again
    std::vector<std::string> bulletinKinds{offline_store::bulletinKinds.begin(),
                                           offline_store::bulletinKinds.end()};
    // What a bulletin's body must pass before it is installed; none: anything that is signed.
    std::function<Result<void>(const offline_store::Bulletin&)> admits;
    // After each round, whatever came of it, with what the back office last told of its clock.
    std::function<void(const std::optional<ServerTime>&)> roundEnded = [](const auto&) {};
};

class Courier {
  public:
    Courier(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
            crypto::Sm2PublicKey bulletinPublisher, CourierSettings settings = {});

    // Until stopped; returns within a second of the stop. `onBulletin(kind)` is called after each
    // installation.
    void run(const std::stop_token& stop, const std::function<void(std::string_view)>& onBulletin);
    void wake(); // a record was appended, or waits again

    using Link = courier::Link;
    [[nodiscard]] Link link() const { return upstream_.link(); } // as the latest exchange left it
    // Store::confirmed(kind): over restarts too.
    [[nodiscard]] std::optional<WallTime> lastConfirmed(std::string_view kind) const;
    // Why nobody was reached in the last round, or why the last batch failed; none if neither did.
    [[nodiscard]] std::optional<Error> lastError() const;

  private:
    using OnBulletin = BulletinFetcher::OnBulletin;
    template <typename T>
    using Outcome = tl::expected<T, UpstreamError>;

    // Bulletins and status where they are due, then one batch; what fails keeps nothing else from its turn.
    // Gives how long there is nothing to do unless woken. Errors: those that end the round (endsRound).
    Outcome<Milliseconds> round(const std::stop_token& stop, const OnBulletin& onBulletin);
    Outcome<void> askWhatIsDue(const std::stop_token& stop, const OnBulletin& onBulletin);
    Outcome<void> sendStatus(const std::stop_token& stop);
    // Gives how long there is nothing to deliver.
    Outcome<Milliseconds> deliver(const std::stop_token& stop);
    [[nodiscard]] Milliseconds until(MonotonicTime due) const; // zero: it is due
    [[nodiscard]] Milliseconds untilStatus() const;

    // Tells a failure when it begins and not as long as it goes on.
    void note(std::optional<Error> failure);
    void waitFor(Milliseconds duration, bool endsOnWake, const std::stop_token& stop);

    offline_store::Store& store_;
    LinkWatch upstream_;
    const hal::Clock& clock_;
    const CourierSettings settings_;

    // Of the thread in run() alone.
    BulletinFetcher fetcher_;
    BatchDelivery delivery_;
    StatusReport status_;
    Turn statusTurn_;
    Turn recordsTurn_;
    Backoff backoff_;               // while nobody is reached
    std::size_t firstQuestion_ = 0; // of askWhatIsDue()

    mutable std::mutex mutex_; // over what follows
    std::condition_variable_any changed_;
    bool woken_ = false;
    std::optional<Error> lastError_;
};

} // namespace ykt::firmware::courier
