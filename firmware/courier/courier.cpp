#include "firmware/courier/courier.h"

#include "crypto/random.h"

#include <algorithm>
#include <set>
#include <spdlog/spdlog.h>

namespace ykt::firmware::courier {

using offline_store::Record;
using offline_store::RecordClass;
using Sequences = std::vector<std::uint64_t>;

namespace {

Sequences sequencesOf(const std::vector<Record>& batch) {
    Sequences sequences;
    for (const auto& record : batch)
        sequences.push_back(record.id.sequence);
    return sequences;
}

// Each receipt is for a record that was sent, and none has two. Records without one are sent again later.
bool areFor(const std::vector<DeliveryReceipt>& receipts, const Sequences& sent) {
    std::set<std::uint64_t> open(sent.begin(), sent.end());
    return std::all_of(receipts.begin(), receipts.end(),
                       [&](const auto& receipt) { return open.erase(receipt.sequence) == 1; });
}

// The failures that say nothing about the link: our own store, or the stop.
bool isAboutUpstream(const Error& error) {
    return describe(error.reason).layer == Layer::upstream;
}

bool isOffline(const Error& error) {
    return error == Reason::unreachable || error == Reason::upstream_timeout ||
           error == Reason::upstream_untrusted;
}

tl::unexpected<UpstreamError> ownFailure(Error error) {
    return tl::unexpected<UpstreamError>(UpstreamError{std::move(error)});
}

// Uniform in [0, ceiling]; the ceiling itself when there is no randomness.
Milliseconds jitter(Milliseconds ceiling) {
    const auto random = crypto::randomBytes(4);
    if (!random)
        return ceiling;
    const auto share = static_cast<std::int64_t>(readBigEndian(*random));
    return Milliseconds{ceiling.count() * share / 0xffff'ffff};
}

} // namespace

Courier::Courier(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                 crypto::Sm2PublicKey bulletinPublisher, CourierSettings settings)
    : store_(store), upstream_(upstream), clock_(clock), settings_(std::move(settings)),
      fetcher_(store, upstream, clock, std::move(bulletinPublisher),
               {settings_.bulletinKinds, settings_.admits}),
      batchRecords_(settings_.batchRecords) {}

void Courier::run(const std::stop_token& stop, const OnBulletin& onBulletin) {
    while (!stop.stop_requested()) {
        {
            const std::scoped_lock lock(mutex_);
            woken_ = false; // before the store is looked into: what comes later wakes again
        }
        const auto more = round(stop, onBulletin);
        {
            const std::scoped_lock lock(mutex_);
            lastError_ = more ? std::nullopt : std::optional(more.error().error);
        }
        settings_.roundEnded(upstream_.serverTime());
        if (!more) {
            waitFor(backoff(more.error()), false, stop);
            continue;
        }
        failures_ = 0;
        if (!*more)
            waitFor(std::chrono::ceil<Milliseconds>(*nextBulletins_ - clock_.now().monotonic), true, stop);
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

Courier::Outcome<bool> Courier::round(const std::stop_token& stop, const OnBulletin& onBulletin) {
    if (!nextBulletins_ || *nextBulletins_ <= clock_.now().monotonic) {
        nextBulletins_ = clock_.now().monotonic + settings_.bulletinInterval;
        const auto fetched = fetcher_.fetch(stop, onBulletin);
        noteLink(fetched ? nullptr : &fetched.error());
        if (!fetched) {
            const auto& error = fetched.error().error;
            if (isOffline(error) || error == Reason::cancelled) {
                nextBulletins_.reset(); // due again as soon as the back office is back
                return tl::unexpected<UpstreamError>(fetched.error());
            }
            spdlog::warn("courier: bulletins: {}", explain(error)); // no reason to hold up the records
        }
        fetchesFiles_ = true;
    }
    if (auto proceeded = fetchFileParts(stop, onBulletin); !proceeded)
        return proceeded;
    auto more = deliverBatch(stop);
    if (more && fetchesFiles_ && fetcher_.isUnderWay())
        return true;
    return more;
}

// A few parts, then the records have their turn.
Courier::Outcome<bool> Courier::fetchFileParts(const std::stop_token& stop, const OnBulletin& onBulletin) {
    if (!fetchesFiles_ || !fetcher_.isUnderWay())
        return false;
    const auto proceeded = fetcher_.proceed(stop, onBulletin);
    noteLink(proceeded ? nullptr : &proceeded.error());
    if (proceeded)
        return true;
    const auto& error = proceeded.error().error;
    if (isOffline(error) || error == Reason::cancelled)
        return tl::unexpected<UpstreamError>(proceeded.error());
    spdlog::warn("courier: a bulletin's file: {}", explain(error));
    fetchesFiles_ = false; // until bulletins are due again
    return false;
}

Courier::Outcome<bool> Courier::deliverBatch(const std::stop_token& stop) {
    auto batch = store_.lease(batchRecords_, settings_.batchBytes, settings_.lease);
    if (batch && batch->empty())
        batch = store_.leaseSalvaged(batchRecords_, settings_.batchBytes, settings_.lease);
    if (!batch)
        return ownFailure(batch.error());
    if (batch->empty())
        return false;
    const auto sequences = sequencesOf(*batch);
    const auto epoch = batch->front().id.epoch;
    auto receipts = upstream_.deliver(*batch, stop);
    if (receipts && !areFor(*receipts, sequences))
        receipts = tl::unexpected<UpstreamError>(
            UpstreamError{{Reason::reply_malformed, "receipts for other records"}, std::nullopt, true});
    noteLink(receipts ? nullptr : &receipts.error());
    if (!receipts)
        return takeBack(sequences, epoch, receipts.error());
    batchRecords_ = std::min(settings_.batchRecords, batchRecords_ * 2);
    for (const auto sequence : sequences)
        if (std::none_of(receipts->begin(), receipts->end(),
                         [&](const auto& receipt) { return receipt.sequence == sequence; }))
            receipts->push_back({sequence, DeliveryReceipt::Verdict::retry, {}});
    return settle(*receipts, epoch);
}

Courier::Outcome<bool> Courier::settle(const std::vector<DeliveryReceipt>& receipts, std::uint32_t epoch) {
    using Verdict = DeliveryReceipt::Verdict;
    std::vector<offline_store::Store::Settled> settled;
    Sequences later;
    for (const auto& receipt : receipts) {
        if (receipt.verdict == Verdict::settled)
            settled.push_back({receipt.sequence, receipt.note});
        if (receipt.verdict == Verdict::retry)
            later.push_back(receipt.sequence);
    }
    if (const auto done = store_.acknowledge(settled, epoch); !done)
        return ownFailure(done.error());
    for (const auto& receipt : receipts) {
        if (receipt.verdict != Verdict::rejected)
            continue;
        spdlog::warn("courier: the back office rejected record {}", receipt.sequence);
        if (const auto done = store_.bury(receipt.sequence, "rejected: " + receipt.note, epoch); !done)
            return ownFailure(done.error());
    }
    if (!later.empty())
        if (const auto done = store_.defer(later, settings_.deferral, epoch); !done)
            return ownFailure(done.error());
    return true;
}

Courier::Outcome<bool> Courier::takeBack(const Sequences& sequences, std::uint32_t epoch,
                                         const UpstreamError& error) {
    if (error.error == Reason::batch_too_large && sequences.size() == 1) {
        spdlog::warn("courier: record {} alone is too large for the back office", sequences.front());
        if (const auto done = store_.bury(sequences.front(), "too large for the back office", epoch); !done)
            return ownFailure(done.error());
        return true;
    }
    if (const auto done = store_.release(sequences, error.sent, epoch); !done)
        return ownFailure(done.error());
    if (error.error != Reason::batch_too_large)
        return tl::unexpected<UpstreamError>(error);
    batchRecords_ = sequences.size() / 2;
    return true;
}

void Courier::noteLink(const UpstreamError* error) {
    if (error && !isAboutUpstream(error->error))
        return;
    const auto now = error && isOffline(error->error) ? Link::offline : Link::online;
    if (link_.exchange(now) == now)
        return;
    if (now == Link::online)
        spdlog::info("courier: the back office answers");
    else
        spdlog::warn("courier: {}", explain(error->error));
}

// Exponential with full jitter, so that terminals that lost one network do not come back in step.
Milliseconds Courier::backoff(const UpstreamError& error) {
    constexpr unsigned mostDoublings = 20;
    const auto ceiling = settings_.firstBackoff * (std::int64_t{1} << std::min(failures_++, mostDoublings));
    const auto wait = jitter(std::min<Milliseconds>(ceiling, settings_.longestBackoff));
    return std::max(wait,
                    std::min(error.retryAfter.value_or(Milliseconds::zero()), settings_.longestRetryAfter));
}

void Courier::waitFor(Milliseconds duration, bool endsOnWake, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, duration, [&] { return endsOnWake && woken_; });
}

} // namespace ykt::firmware::courier
