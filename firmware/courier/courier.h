// Carries journal records upstream until each is acknowledged, and fetches bulletins. One thread: run().
#pragma once

#include "crypto/sm2.h"
#include "firmware/courier/bulletin_fetcher.h"
#include "firmware/courier/upstream.h"
#include "hal/clock.h"
#include "offline_store/store.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace ykt::firmware::courier {

struct CourierSettings {
    std::size_t batchRecords = 50;
    std::size_t batchBytes = 262'144;
    Milliseconds firstBackoff{500};
    Milliseconds longestBackoff{60'000};
    Milliseconds longestRetryAfter{600'000}; // Retry-After is obeyed up to here
    Milliseconds bulletinInterval{30'000};
    Milliseconds lease{60'000};    // longer than any request of the upstream takes
    Milliseconds deferral{60'000}; // how long a record waits that the back office wants later
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
    void wake(); // a record was appended

    enum class Link { unknown, online, offline };
    [[nodiscard]] Link link() const { return link_; }
    // Store::confirmed(kind): over restarts too.
    [[nodiscard]] std::optional<WallTime> lastConfirmed(std::string_view kind) const;
    // Why the last round failed; none after one that did not.
    [[nodiscard]] std::optional<Error> lastError() const;

  private:
    using OnBulletin = BulletinFetcher::OnBulletin;
    template <typename T>
    using Outcome = tl::expected<T, UpstreamError>;

    // Bulletins when they are due, then one batch. True: there may be more to do at once.
    Outcome<bool> round(const std::stop_token& stop, const OnBulletin& onBulletin);

    Outcome<bool> fetchFileParts(const std::stop_token& stop, const OnBulletin& onBulletin);
    Outcome<bool> deliverBatch(const std::stop_token& stop);
    Outcome<bool> settle(const std::vector<DeliveryReceipt>& receipts, std::uint32_t epoch);
    // After a batch that failed as a whole.
    Outcome<bool> takeBack(const std::vector<std::uint64_t>& sequences, std::uint32_t epoch,
                           const UpstreamError& error);

    void noteLink(const UpstreamError* error);
    Milliseconds backoff(const UpstreamError& error);
    void waitFor(Milliseconds duration, bool endsOnWake, const std::stop_token& stop);

    offline_store::Store& store_;
    Upstream& upstream_;
    const hal::Clock& clock_;
    const CourierSettings settings_;

    // Of the thread in run() alone.
    BulletinFetcher fetcher_;
    std::size_t batchRecords_; // halved by 413, doubled by success
    unsigned failures_ = 0;    // rounds in a row
    std::optional<MonotonicTime> nextBulletins_;
    bool fetchesFiles_ = true;

    std::atomic<Link> link_{Link::unknown};
    mutable std::mutex mutex_; // over what follows
    std::condition_variable_any changed_;
    bool woken_ = false;
    std::optional<Error> lastError_;
};

} // namespace ykt::firmware::courier
