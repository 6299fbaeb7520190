#include "firmware/courier/courier.h"

#include <algorithm>
#include <array>
#include <spdlog/spdlog.h>
#include <utility>

namespace ykt::firmware::courier {

namespace {

constexpr std::chrono::seconds longestAsking{5}; // before records have their turn

} // namespace

Courier::Courier(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                 crypto::Sm2PublicKey bulletinPublisher, CourierSettings settings)
    : store_(store), upstream_(upstream), clock_(clock), settings_(std::move(settings)),
      fetcher_(store, upstream_, clock, std::move(bulletinPublisher),
               {settings_.bulletinKinds, settings_.bulletinInterval, settings_.longestBulletinWait,
                settings_.longestRetryAfter, settings_.admits}),
      delivery_(store, upstream_, clock, static_cast<const DeliverySettings&>(settings_)),
      status_(store, upstream_, clock, settings_.bulletinKinds,
              static_cast<const StatusSettings&>(settings_)),
      statusTurn_(settings_.bulletinInterval,
                  {settings_.bulletinInterval, settings_.longestBulletinWait, settings_.longestRetryAfter},
                  clock.now().monotonic),
      recordsTurn_(Milliseconds::zero(),
                   {settings_.firstBackoff, settings_.longestBackoff, settings_.longestRetryAfter},
                   clock.now().monotonic),
      backoff_({settings_.firstBackoff, settings_.longestBackoff, settings_.longestRetryAfter}) {}

void Courier::run(const std::stop_token& stop, const OnBulletin& onBulletin) {
    while (!stop.stop_requested()) {
        {
            const std::scoped_lock lock(mutex_);
            woken_ = false; // before the store is looked into: what comes later wakes again
        }
        const auto rest = round(stop, onBulletin);
        note(rest ? recordsTurn_.failure() : std::optional(rest.error().error));
        settings_.roundEnded(upstream_.serverTime());
        if (!rest)
            waitFor(backoff_.next(), false, stop);
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
    const auto rest = deliver(stop);
    if (!rest)
        return rest;
    if (!asked)
        return tl::unexpected<UpstreamError>(asked.error());
    backoff_.reset();
    return std::min({*rest, until(fetcher_.due()), untilStatus()});
}

Courier::Outcome<void> Courier::askWhatIsDue(const std::stop_token& stop, const OnBulletin& onBulletin) {
    const std::array<std::function<Outcome<void>()>, 3> questions{
        [&] { return fetcher_.fetch(stop, onBulletin); }, [&] { return fetcher_.proceed(stop, onBulletin); },
        [&] { return sendStatus(stop); }};
    const auto end = clock_.now().monotonic + longestAsking;
    const auto first = std::exchange(firstQuestion_, 0);
    for (std::size_t number = first; number < first + questions.size(); ++number) {
        if (auto asked = questions[number % questions.size()](); !asked)
            return asked;
        if (clock_.now().monotonic >= end) { // records have their turn, and the next question after them
            firstQuestion_ = (number + 1) % questions.size();
            return {};
        }
    }
    return {};
}

Courier::Outcome<void> Courier::sendStatus(const std::stop_token& stop) {
    if (untilStatus() > Milliseconds::zero())
        return {};
    const auto sent = status_.send(stop);
    if (!sent && endsRound(sent.error()))
        return sent;
    if (sent)
        statusTurn_.succeeded(clock_.now().monotonic);
    else if (statusTurn_.failed(clock_.now().monotonic, sent.error()))
        spdlog::warn("courier: no status: {}", explain(sent.error().error));
    return {};
}

Milliseconds Courier::until(MonotonicTime due) const {
    return std::max(Milliseconds::zero(), std::chrono::ceil<Milliseconds>(due - clock_.now().monotonic));
}

Milliseconds Courier::untilStatus() const {
    return std::max(status_.untilDue(), until(statusTurn_.due()));
}

Courier::Outcome<Milliseconds> Courier::deliver(const std::stop_token& stop) {
    if (const auto wait = until(recordsTurn_.due()); wait > Milliseconds::zero())
        return wait;
    const auto rest = delivery_.deliverOne(stop);
    if (rest) {
        recordsTurn_.succeeded(clock_.now().monotonic);
        return rest->value_or(Milliseconds::max());
    }
    if (endsRound(rest.error()))
        return tl::unexpected<UpstreamError>(rest.error());
    recordsTurn_.failed(clock_.now().monotonic, rest.error());
    return until(recordsTurn_.due());
}

void Courier::note(std::optional<Error> failure) {
    if (failure && *failure == Reason::cancelled)
        return;
    const std::scoped_lock lock(mutex_);
    const auto told = lastError_ ? explain(*lastError_) : std::string();
    if (failure && explain(*failure) != told)
        spdlog::warn("courier: {}", explain(*failure));
    lastError_ = std::move(failure);
}

void Courier::waitFor(Milliseconds duration, bool endsOnWake, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, duration, [&] { return endsOnWake && woken_; });
}

} // namespace ykt::firmware::courier
