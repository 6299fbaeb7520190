#include "firmware/courier/courier.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace ykt::firmware::courier {

Courier::Courier(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                 crypto::Sm2PublicKey bulletinPublisher, CourierSettings settings)
    : store_(store), upstream_(upstream), clock_(clock), settings_(std::move(settings)),
      fetcher_(store, upstream_, clock, std::move(bulletinPublisher),
               {settings_.bulletinKinds, settings_.admits}),
      delivery_(store, upstream_, clock, static_cast<const DeliverySettings&>(settings_)),
      status_(store, upstream_, clock, settings_.bulletinKinds,
              static_cast<const StatusSettings&>(settings_)),
      backoff_({settings_.firstBackoff, settings_.longestBackoff, settings_.longestRetryAfter}),
      nextBulletins_(clock.now().monotonic) {}

void Courier::run(const std::stop_token& stop, const OnBulletin& onBulletin) {
    while (!stop.stop_requested()) {
        {
            const std::scoped_lock lock(mutex_);
            woken_ = false; // before the store is looked into: what comes later wakes again
        }
        const auto rest = round(stop, onBulletin);
        note(lastError_, rest ? std::nullopt : std::optional(rest.error().error));
        settings_.roundEnded(upstream_.serverTime());
        if (!rest)
            waitFor(backoff_.next(rest.error().retryAfter), false, stop);
        else if (*rest > Milliseconds::zero())
            waitFor(*rest, true, stop);
    }
}

void Courier::wake() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

std::optional<WallTime> Courier::lastConfirmed(std::string_view kind) const {
    return store_.confirmed(kind);
}

std::optional<Error> Courier::lastError() const {
    const std::scoped_lock lock(mutex_);
    return lastError_;
}

Courier::Outcome<Milliseconds> Courier::round(const std::stop_token& stop, const OnBulletin& onBulletin) {
    const auto asked = askWhatIsDue(stop, onBulletin);
    if (!asked && asked.error().error == Reason::cancelled)
        return tl::unexpected<UpstreamError>(asked.error());
    const auto rest = delivery_.deliverOne(stop);
    if (!rest)
        return tl::unexpected<UpstreamError>(rest.error());
    if (!asked && isOffline(asked.error().error))
        return tl::unexpected<UpstreamError>(asked.error());
    note(asideError_, asked ? std::nullopt : std::optional(asked.error().error));
    backoff_.reset();
    if (fetchesFiles_ && fetcher_.isUnderWay())
        return Milliseconds::zero();
    return std::min(rest->value_or(untilDue()), untilDue());
}

// What nobody took is due again at once.
Courier::Outcome<void> Courier::askWhatIsDue(const std::stop_token& stop, const OnBulletin& onBulletin) {
    if (nextBulletins_ <= clock_.now().monotonic) {
        const auto fetched = fetcher_.fetch(stop, onBulletin);
        if (fetched || !isOffline(fetched.error().error))
            nextBulletins_ = clock_.now().monotonic + settings_.bulletinInterval;
        if (!fetched)
            return fetched;
        fetchesFiles_ = true;
    }
    if (auto proceeded = fetchFileParts(stop, onBulletin); !proceeded)
        return proceeded;
    return status_.untilDue() > Milliseconds::zero() ? Outcome<void>{} : status_.send(stop);
}

// A few parts, then the records have their turn.
Courier::Outcome<void> Courier::fetchFileParts(const std::stop_token& stop, const OnBulletin& onBulletin) {
    if (!fetchesFiles_ || !fetcher_.isUnderWay())
        return {};
    auto proceeded = fetcher_.proceed(stop, onBulletin);
    // What would come again at once is not tried again until bulletins are due.
    fetchesFiles_ = proceeded || isOffline(proceeded.error().error);
    return proceeded;
}

Milliseconds Courier::untilDue() const {
    const auto bulletins = std::chrono::ceil<Milliseconds>(nextBulletins_ - clock_.now().monotonic);
    return std::max(Milliseconds::zero(), std::min(bulletins, status_.untilDue()));
}

void Courier::note(std::optional<Error>& before, std::optional<Error> now) {
    if (now && *now == Reason::cancelled)
        return;
    const std::scoped_lock lock(mutex_);
    const auto told = before ? explain(*before) : std::string();
    if (now && explain(*now) != told)
        spdlog::warn("courier: {}", explain(*now));
    before = std::move(now);
}

void Courier::waitFor(Milliseconds duration, bool endsOnWake, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, duration, [&] { return endsOnWake && woken_; });
}

} // namespace ykt::firmware::courier
