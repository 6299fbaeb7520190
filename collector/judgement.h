// Which records of a batch may be settled: what both ledgers ask between reading and writing.
#pragma once

#include "collector/ledger.h"

#include <map>
#include <set>

namespace ykt::collector {

// A record that is settled, or is about to be in this transaction.
struct Neighbour {
    std::int64_t receipt = 0; // 0: not yet given
    crypto::Digest previous{};
    crypto::Digest hash{};
};

// Why each record cannot be settled whatever is settled already; empty: nothing is wrong with it. Costs two
// digests a record and needs no database.
std::vector<std::string> faultsOf(const IncomingBatch& batch);

// The sequences whose records the judgement has to know.
std::set<std::uint64_t> neighbouringSequences(const IncomingBatch& batch);

class Judgement {
  public:
    // `known`: what is settled of the neighbouring sequences.
    Judgement(const IncomingBatch& batch, std::vector<std::string> faults,
              std::map<std::uint64_t, Neighbour> known, const Acceptance& accept);

    // Indexes into the batch of the records to settle now, in its order.
    [[nodiscard]] const std::vector<std::size_t>& fresh() const { return fresh_; }
    void giveReceipt(std::uint64_t sequence, std::int64_t receipt) { known_.at(sequence).receipt = receipt; }
    // By index into the batch: why it is refused; empty: it is not.
    [[nodiscard]] const std::vector<std::string>& refusals() const { return refusals_; }
    // When all fresh records have their receipts.
    [[nodiscard]] std::vector<Verdict> verdicts() const;

  private:
    [[nodiscard]] std::string contradiction(const IncomingRecord& record) const;

    const IncomingBatch& batch_;
    std::map<std::uint64_t, Neighbour> known_;
    std::vector<std::size_t> fresh_;
    std::vector<std::string> refusals_;
};

std::string receiptText(std::int64_t receipt);

} // namespace ykt::collector
