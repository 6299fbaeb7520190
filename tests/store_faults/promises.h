// What the store has promised to whoever used it, told as it happens, and what of it a reopened store breaks.
#pragma once

#include "crypto/digest.h"
#include "offline_store/store.h"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace ykt::test {

// Plain, so that it goes through a pipe.
struct Event {
    enum class What : std::uint64_t {
        appended,       // number, claim, hash: append has returned
        delivered,      // number, hash: it was sent upstream
        settling,       // number: acknowledge or bury is about to be called
        acknowledged,   // number: acknowledge has returned
        buried,         // number: bury has returned
        intent_opened,  // number, claim: openIntent has returned
        intent_closing, // number: settleIntent is about to be called
        intent_closed,  // number: settleIntent has returned
        installing,     // number, the version: install is about to be called
        installed,      // number, the version: install has returned
    } what{};
    std::uint64_t number = 0;
    std::uint64_t claim = 0; // 0: none
    crypto::Digest hash{};
};

ByteArray<32> claimKey(std::uint64_t claim);

class Promises {
  public:
    void hear(const Event& event); // from any thread
    // Empty: none. What was in doubt is known from then on.
    std::vector<std::string> broken(offline_store::Store& store);
    [[nodiscard]] std::size_t appends() const { return records_.size(); }
    // That was tried: one that failed may have moved the guard, below which none comes again.
    [[nodiscard]] std::uint64_t lastBulletin() const { return tried_; }

  private:
    using Complaints = std::vector<std::string>;
    void checkRecords(offline_store::Store& store, Complaints& complaints);
    void checkIntents(offline_store::Store& store, Complaints& complaints);
    void checkClaims(offline_store::Store& store, Complaints& complaints) const;
    void checkBulletin(offline_store::Store& store, Complaints& complaints);

    std::mutex mutex_;
    std::map<std::uint64_t, crypto::Digest> records_; // that append has promised, by sequence
    std::map<std::uint64_t, crypto::Digest> ledger_;  // what upstream has, by sequence
    std::set<std::uint64_t> settling_, acknowledged_, buried_;
    std::map<std::uint64_t, std::uint64_t> openIntents_; // number to claim
    std::set<std::uint64_t> closing_, closed_;
    std::set<std::uint64_t> claims_;
    std::set<std::uint64_t> installing_; // in doubt
    std::uint64_t installed_ = 0, tried_ = 0;
    bool twice_ = false; // a record came upstream with another content than before
};

} // namespace ykt::test
