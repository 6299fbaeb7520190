#include "firmware/courier/batch_delivery.h"

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
    sequences.reserve(batch.size());
    for (const auto& record : batch)
        sequences.push_back(record.id.sequence);
    return sequences;
}

// Each receipt is for a record that was sent, and none has two; what is left over has none. Records without
// one are sent again later.
std::optional<std::set<std::uint64_t>> withoutReceipt(const std::vector<Record>& batch,
                                                      const std::vector<DeliveryReceipt>& receipts) {
    const auto sent = sequencesOf(batch);
    std::set<std::uint64_t> open(sent.begin(), sent.end());
    const bool sound = std::all_of(receipts.begin(), receipts.end(),
                                   [&](const auto& receipt) { return open.erase(receipt.sequence) == 1; });
    return sound ? std::optional(std::move(open)) : std::nullopt;
}

tl::unexpected<UpstreamError> ownFailure(Error error) {
    return tl::unexpected<UpstreamError>(UpstreamError{std::move(error)});
}

} // namespace

BatchDelivery::BatchDelivery(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                             DeliverySettings settings)
    : store_(store), upstream_(upstream), clock_(clock), settings_(settings), size_(settings.batchRecords) {}

tl::expected<BatchDelivery::Rest, UpstreamError> BatchDelivery::deliverOne(const std::stop_token& stop) {
    for (;;) {
        auto batch = store_.lease(size_.next(), settings_.batchBytes, settings_.lease);
        if (batch && batch->empty())
            batch = store_.leaseSalvaged(size_.next(), settings_.batchBytes, settings_.lease);
        if (!batch)
            return ownFailure(batch.error());
        if (batch->empty())
            return std::nullopt;
        if (const auto rest = restOf(*batch); rest > Milliseconds::zero()) {
            if (const auto released = store_.release(sequencesOf(*batch), false, batch->front().id.epoch);
                !released)
                return ownFailure(released.error());
            return rest;
        }
        auto receipts = upstream_.deliver(*batch, stop);
        if (receipts)
            return settle(*batch, std::move(*receipts)).map([] { return Rest(Milliseconds::zero()); });
        if (const auto back = takeBack(*batch, receipts.error()); !back)
            return tl::unexpected<UpstreamError>(back.error());
    }
}

// Money goes at once, and so does a full batch; fewer requests carry the rest.
Milliseconds BatchDelivery::restOf(const Batch& batch) const {
    const auto now = clock_.now();
    std::size_t bytes = 0;
    auto age = Milliseconds::zero();
    for (const auto& record : batch) {
        if (record.recordClass == RecordClass::money || record.written.boot != now.boot)
            return Milliseconds::zero();
        bytes += record.payload.size();
        age = std::max(age, std::chrono::floor<Milliseconds>(now.monotonic - record.written.monotonic));
    }
    const bool full = batch.size() >= size_.next() || bytes >= settings_.batchBytes / 2;
    return full ? Milliseconds::zero() : settings_.batchAge - age;
}

BatchDelivery::Done BatchDelivery::settle(const Batch& batch, std::vector<DeliveryReceipt> receipts) {
    using Verdict = DeliveryReceipt::Verdict;
    const auto open = withoutReceipt(batch, receipts);
    if (!open)
        return takeBack(batch, {{Reason::reply_malformed, "receipts for other records"}, std::nullopt, true});
    Sequences later(open->begin(), open->end());
    std::vector<offline_store::Store::Settled> settled;
    for (auto& receipt : receipts) {
        if (receipt.verdict == Verdict::settled)
            settled.push_back({receipt.sequence, std::move(receipt.note)});
        if (receipt.verdict == Verdict::retry)
            later.push_back(receipt.sequence);
    }
    if (const auto done = store_.acknowledge(settled, batch.front().id.epoch); !done)
        return ownFailure(done.error());
    for (const auto& receipt : receipts)
        if (receipt.verdict == Verdict::rejected)
            if (auto done = bury({batch.front().id.terminal, batch.front().id.epoch, receipt.sequence},
                                 "rejected: " + receipt.note, true);
                !done)
                return done;
    if (!later.empty())
        if (const auto done = store_.defer(later, settings_.deferral, batch.front().id.epoch); !done)
            return ownFailure(done.error());
    size_.delivered(batch.size());
    acceptsOthers_ = acceptsOthers_ || !settled.empty();
    return {};
}

BatchDelivery::Done BatchDelivery::bury(const offline_store::RecordId& id, const std::string& why,
                                        bool sent) {
    spdlog::warn("courier: record {} is set aside as a dead letter: {}", id.sequence, why);
    if (const auto done = store_.bury(id.sequence, why, id.epoch, sent); !done)
        return ownFailure(done.error());
    return {};
}

BatchDelivery::Done BatchDelivery::takeBack(const Batch& batch, const UpstreamError& error) {
    const bool tooLarge = error.error == Reason::batch_too_large;
    const bool aboutRecords = tooLarge || error.aboutRecords;
    if (error.aboutRecords)
        size_.refused(batch.size());
    else if (tooLarge || (error.error == Reason::upstream_timeout && error.sent))
        size_.tooMuch(batch.size());
    if (aboutRecords && batch.size() == 1)
        return setAside(batch.front().id, error);
    if (const auto done = store_.release(sequencesOf(batch), error.sent, batch.front().id.epoch); !done)
        return ownFailure(done.error());
    if (aboutRecords)
        return {};
    return tl::unexpected<UpstreamError>(error);
}

// A back office that refuses everything is out of order and says nothing about a record: only while it
// settles others is one that it refuses alone a dead letter. Until then that one waits, so that the others
// have their turn.
BatchDelivery::Done BatchDelivery::setAside(const offline_store::RecordId& id, const UpstreamError& error) {
    if (std::exchange(acceptsOthers_, false))
        return bury(id, "refused: " + error.error.context, error.sent);
    if (const auto done = store_.defer({id.sequence}, settings_.deferral, id.epoch, error.sent); !done)
        return ownFailure(done.error());
    return tl::unexpected<UpstreamError>(error);
}

} // namespace ykt::firmware::courier
