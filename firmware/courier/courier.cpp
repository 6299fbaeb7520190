#include "firmware/courier/courier.h"

#include "crypto/random.h"

#include <algorithm>
#include <nlohmann/json.hpp>
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
    : store_(store), upstream_(upstream), clock_(clock), publisher_(std::move(bulletinPublisher)),
      settings_(std::move(settings)), batchRecords_(settings_.batchRecords) {}

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
    const std::scoped_lock lock(mutex_);
    const auto found = confirmed_.find(kind);
    return found == confirmed_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Error> Courier::lastError() const {
    const std::scoped_lock lock(mutex_);
    return lastError_;
}

Courier::Outcome<bool> Courier::round(const std::stop_token& stop, const OnBulletin& onBulletin) {
    if (!nextBulletins_ || *nextBulletins_ <= clock_.now().monotonic) {
        nextBulletins_ = clock_.now().monotonic + settings_.bulletinInterval;
        if (auto fetched = fetchBulletins(stop, onBulletin); !fetched) {
            const auto& error = fetched.error().error;
            if (isOffline(error) || error == Reason::cancelled) {
                nextBulletins_.reset(); // due again as soon as the back office is back
                return fetched;
            }
            spdlog::warn("courier: bulletins: {}", explain(error)); // no reason to hold up the records
        }
    }
    return deliverBatch(stop);
}

Courier::Outcome<bool> Courier::deliverBatch(const std::stop_token& stop) {
    const auto batch = store_.lease(batchRecords_, settings_.batchBytes, settings_.lease);
    if (!batch)
        return ownFailure(batch.error());
    if (batch->empty())
        return false;
    const auto sequences = sequencesOf(*batch);
    auto receipts = upstream_.deliver(*batch, stop);
    if (receipts && !areFor(*receipts, sequences))
        receipts = tl::unexpected<UpstreamError>(
            UpstreamError{{Reason::reply_malformed, "receipts for other records"}, std::nullopt, true});
    noteLink(receipts ? nullptr : &receipts.error());
    if (!receipts)
        return takeBack(sequences, receipts.error());
    batchRecords_ = std::min(settings_.batchRecords, batchRecords_ * 2);
    for (const auto sequence : sequences)
        if (std::none_of(receipts->begin(), receipts->end(),
                         [&](const auto& receipt) { return receipt.sequence == sequence; }))
            receipts->push_back({sequence, DeliveryReceipt::Verdict::retry, {}});
    return settle(*receipts);
}

Courier::Outcome<bool> Courier::settle(const std::vector<DeliveryReceipt>& receipts) {
    using Verdict = DeliveryReceipt::Verdict;
    std::vector<offline_store::Store::Settled> settled;
    Sequences later;
    for (const auto& receipt : receipts) {
        if (receipt.verdict == Verdict::settled)
            settled.push_back({receipt.sequence, receipt.note});
        if (receipt.verdict == Verdict::retry)
            later.push_back(receipt.sequence);
    }
    if (const auto done = store_.acknowledge(settled); !done)
        return ownFailure(done.error());
    for (const auto& receipt : receipts) {
        if (receipt.verdict != Verdict::rejected)
            continue;
        spdlog::warn("courier: the back office rejected record {}", receipt.sequence);
        if (const auto done = store_.bury(receipt.sequence, "rejected: " + receipt.note); !done)
            return ownFailure(done.error());
    }
    if (!later.empty())
        if (const auto done = store_.defer(later, settings_.deferral); !done)
            return ownFailure(done.error());
    return true;
}

Courier::Outcome<bool> Courier::takeBack(const Sequences& sequences, const UpstreamError& error) {
    if (error.error == Reason::batch_too_large && sequences.size() == 1) {
        spdlog::warn("courier: record {} alone is too large for the back office", sequences.front());
        if (const auto done = store_.bury(sequences.front(), "too large for the back office"); !done)
            return ownFailure(done.error());
        return true;
    }
    if (const auto done = store_.release(sequences, error.sent); !done)
        return ownFailure(done.error());
    if (error.error != Reason::batch_too_large)
        return tl::unexpected<UpstreamError>(error);
    batchRecords_ = sequences.size() / 2;
    return true;
}

Courier::Outcome<bool> Courier::fetchBulletins(const std::stop_token& stop, const OnBulletin& onBulletin) {
    for (const auto& kind : settings_.bulletinKinds) {
        const auto have = store_.bulletin(kind);
        if (!have)
            return ownFailure(have.error());
        const auto fetched = upstream_.fetchBulletin(kind, *have ? (*have)->version : 0, stop);
        noteLink(fetched ? nullptr : &fetched.error());
        if (!fetched) {
            // A refusal of this kind must not hold up the others nor the records; anything else would fail
            // them too.
            if (fetched.error().error != Reason::upstream_rejected)
                return tl::unexpected<UpstreamError>(fetched.error());
            spdlog::warn("courier: no {} bulletin: {}", kind, explain(fetched.error().error));
        } else if (*fetched)
            installBulletin(kind, **fetched, onBulletin);
        else
            confirm(kind);
    }
    return true;
}

void Courier::installBulletin(std::string_view kind, const Bytes& signedBulletin,
                              const OnBulletin& onBulletin) {
    const auto opened = offline_store::openBulletin(signedBulletin, publisher_);
    Result<void> installed;
    if (!opened)
        installed = failWith(opened);
    else if (opened->kind != kind)
        installed = fail(Reason::bulletin_malformed, "another kind than the one asked for");
    else if (auto admitted = settings_.admits ? settings_.admits(*opened) : Result<void>{}; !admitted)
        installed = std::move(admitted);
    else
        installed = store_.install(signedBulletin, publisher_);
    if (!installed) {
        reportRefused(kind, signedBulletin, installed.error());
        return;
    }
    spdlog::info("courier: {} bulletin {} is in force", kind, opened->version);
    confirm(kind);
    onBulletin(kind);
}

// Once for each bulletin, although it is fetched again and again until the publisher corrects it.
void Courier::reportRefused(std::string_view kind, const Bytes& signedBulletin, const Error& error) {
    const auto digest = crypto::sha256(signedBulletin);
    const auto known = refused_.find(kind);
    if (known != refused_.end() && known->second == digest)
        return;
    spdlog::warn("courier: the {} bulletin was not installed: {}", kind, explain(error));
    const nlohmann::json payload{{"kind", kind}, {"reason", nameOf(error.reason)}};
    const auto told =
        store_.append({RecordClass::security_event, "bulletin_refused", toBytes(payload.dump()), {}});
    if (!told) {
        spdlog::error("courier: {}", explain(told.error()));
        return;
    }
    refused_.insert_or_assign(std::string(kind), digest);
}

void Courier::confirm(std::string_view kind) {
    const std::scoped_lock lock(mutex_);
    confirmed_.insert_or_assign(std::string(kind), clock_.now().wall);
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
