#include "collector/judgement.h"

namespace ykt::collector {

namespace {

std::string faultOf(const IncomingBatch& batch, const IncomingRecord& record) {
    if (!record.unreadable.empty())
        return "cannot be read: " + record.unreadable;
    return record.sequence == 0 ? "sequences begin with 1" : unsound(batch, record);
}

} // namespace

std::vector<std::string> faultsOf(const IncomingBatch& batch) {
    std::vector<std::string> faults;
    faults.reserve(batch.records.size());
    for (const auto& record : batch.records)
        faults.push_back(faultOf(batch, record));
    return faults;
}

std::set<std::uint64_t> neighbouringSequences(const IncomingBatch& batch) {
    std::set<std::uint64_t> sequences;
    for (const auto& record : batch.records)
        sequences.insert(
            {record.sequence - (record.sequence > 0 ? 1 : 0), record.sequence, record.sequence + 1});
    return sequences;
}

Judgement::Judgement(const IncomingBatch& batch, std::vector<std::string> faults,
                     std::map<std::uint64_t, Neighbour> known, const Acceptance& accept)
    : batch_(batch), known_(std::move(known)), refusals_(std::move(faults)) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        const auto& record = batch.records[i];
        auto& why = refusals_[i];
        if (!why.empty())
            continue;
        if (const auto same = known_.find(record.sequence); same != known_.end()) {
            if (same->second.hash != record.hash)
                why = "another record was settled under this id";
            continue;
        }
        why = contradiction(record);
        if (why.empty() && accept)
            why = accept(batch, record);
        if (!why.empty())
            continue;
        known_[record.sequence] = {0, record.previous, record.hash};
        fresh_.push_back(i);
    }
}

std::string Judgement::contradiction(const IncomingRecord& record) const {
    if (record.sequence == 1 && record.previous != crypto::Digest{})
        return "the first record continues another";
    if (const auto before = known_.find(record.sequence - 1);
        before != known_.end() && before->second.hash != record.previous)
        return "does not continue the record before";
    if (const auto after = known_.find(record.sequence + 1);
        after != known_.end() && after->second.previous != record.hash)
        return "the record after continues another";
    return {};
}

std::vector<Verdict> Judgement::verdicts() const {
    std::vector<Verdict> verdicts;
    verdicts.reserve(refusals_.size());
    for (std::size_t i = 0; i < refusals_.size(); ++i)
        verdicts.push_back(refusals_[i].empty()
                               ? Verdict{true, receiptText(known_.at(batch_.records[i].sequence).receipt)}
                               : Verdict{false, refusals_[i]});
    return verdicts;
}

std::string receiptText(std::int64_t receipt) {
    return "R-" + std::to_string(receipt);
}

} // namespace ykt::collector
