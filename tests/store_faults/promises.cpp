#include "promises.h"

#include <algorithm>

namespace ykt::test {

using namespace offline_store;

ByteArray<32> claimKey(std::uint64_t claim) {
    return crypto::sha256(toBytes(std::to_string(claim)));
}

void Promises::hear(const Event& event) {
    const std::scoped_lock lock(mutex_);
    using What = Event::What;
    switch (event.what) {
    case What::appended:
        records_[event.number] = event.hash;
        if (event.claim != 0)
            claims_.insert(event.claim);
        break;
    case What::delivered:
        twice_ = twice_ || ledger_.emplace(event.number, event.hash).first->second != event.hash;
        break;
    case What::settling:
        settling_.insert(event.number);
        break;
    case What::acknowledged:
        acknowledged_.insert(event.number);
        break;
    case What::buried:
        buried_.insert(event.number);
        break;
    case What::intent_opened:
        openIntents_[event.number] = event.claim;
        break;
    case What::intent_closing:
        closing_.insert(event.number);
        break;
    case What::intent_closed:
        openIntents_.erase(event.number);
        closing_.erase(event.number);
        closed_.insert(event.number);
        break;
    case What::installing:
        installing_.insert(event.number);
        tried_ = event.number;
        break;
    case What::installed:
        installed_ = event.number;
        installing_.clear();
        break;
    }
}

std::vector<std::string> Promises::broken(Store& store) {
    const std::scoped_lock lock(mutex_);
    Complaints complaints;
    if (const auto intact = store.verifyChain(); !intact)
        complaints.push_back("the chain: " + explain(intact.error()));
    checkRecords(store, complaints);
    checkIntents(store, complaints);
    checkBulletin(store, complaints);
    checkClaims(store, complaints);
    if (twice_)
        complaints.emplace_back("two records were delivered under one id");
    return complaints;
}

void Promises::checkRecords(Store& store, Complaints& complaints) {
    const auto listed = store.list(1, 1'000'000);
    if (!listed) {
        complaints.push_back("listing: " + explain(listed.error()));
        return;
    }
    const auto last = listed->size(); // verifyChain has seen that they have no gap
    for (const auto* known : {&records_, &ledger_}) {
        if (!known->empty() && known->rbegin()->first > last)
            complaints.push_back("lost: sequence " + std::to_string(last + 1) + " and later");
        for (const auto& [sequence, hash] : *known)
            if (const auto found = store.read(sequence); sequence <= last && (!found || found->hash != hash))
                complaints.push_back(
                    "another record: sequence " + std::to_string(sequence) +
                    (found ? std::string(" of epoch ") + found->id.text() : explain(found.error())));
    }
    for (const auto& summary : *listed) {
        const auto sequence = summary.id.sequence;
        const auto is = [&](DeliveryState state) { return summary.state == state; };
        const bool kept = acknowledged_.contains(sequence) ? is(DeliveryState::acknowledged)
                          : buried_.contains(sequence)
                              ? is(DeliveryState::dead)
                              : is(DeliveryState::pending) || settling_.contains(sequence);
        if (!kept)
            complaints.push_back("delivery state: sequence " + std::to_string(sequence));
        if (is(DeliveryState::acknowledged)) { // in doubt until now
            acknowledged_.insert(sequence);
            if (!ledger_.contains(sequence))
                complaints.push_back("acknowledged, but nobody has it: sequence " + std::to_string(sequence));
        }
        if (is(DeliveryState::dead))
            buried_.insert(sequence);
    }
    settling_.clear();
}

void Promises::checkIntents(Store& store, Complaints& complaints) {
    const auto open = store.openIntents();
    if (!open) {
        complaints.push_back("intents: " + explain(open.error()));
        return;
    }
    std::set<std::uint64_t> present;
    for (const auto& intent : *open)
        present.insert(intent.number);
    for (const auto& [number, claim] : openIntents_)
        if (!present.contains(number) && !closing_.contains(number))
            complaints.push_back("lost: intent " + std::to_string(number));
    for (const auto number : present)
        if (closed_.contains(number))
            complaints.push_back("open again: intent " + std::to_string(number));
    for (const auto number : closing_)
        if (!present.contains(number)) {
            openIntents_.erase(number);
            closed_.insert(number);
        }
    closing_.clear();
}

void Promises::checkClaims(Store& store, Complaints& complaints) const {
    auto taken = claims_;
    for (const auto& [intent, claim] : openIntents_)
        taken.insert(claim);
    for (const auto claim : taken)
        if (const auto found = store.isClaimed(claimKey(claim), {}); !found || !*found)
            complaints.push_back("a claim is free");
}

void Promises::checkBulletin(Store& store, Complaints& complaints) {
    const auto found = store.bulletin("catalogue");
    const auto version = found && *found ? (*found)->version : 0;
    if (!found || (version != installed_ && !installing_.contains(version)))
        complaints.emplace_back("the bulletin is neither the old nor the new one");
    installed_ = version;
    installing_.clear();
}

} // namespace ykt::test
