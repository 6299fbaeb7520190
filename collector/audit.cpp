#include "collector/audit.h"

namespace ykt::collector {

namespace {

class Auditor {
  public:
    void look(const SettledRecord& settled) {
        if (settled.terminal != batch_.terminal || settled.epoch != batch_.epoch) {
            batch_ = {settled.terminal, settled.epoch, {}, {}};
            last_ = 0;
            hash_ = {};
        }
        const auto& record = settled.record;
        for (auto missing = last_ + 1; missing < record.sequence; ++missing)
            find(missing, "is missing");
        if (record.sequence == last_ + 1 && record.previous != hash_)
            find(record.sequence, "does not continue the record before");
        if (const auto fault = unsound(batch_, record); !fault.empty())
            find(record.sequence, "is changed: " + fault);
        last_ = record.sequence;
        hash_ = record.hash;
    }
    std::vector<std::string> findings;

  private:
    void find(std::uint64_t sequence, const std::string& what) {
        findings.push_back(batch_.terminal + "-" + std::to_string(batch_.epoch) + "-" +
                           std::to_string(sequence) + " " + what);
    }

    IncomingBatch batch_; // whose chain this is; it has no records
    std::uint64_t last_ = 0;
    crypto::Digest hash_{};
};

} // namespace

Result<std::vector<std::string>> audit(Ledger& ledger, const std::string& terminal) {
    Auditor auditor;
    if (const auto read = ledger.read(terminal, [&](const SettledRecord& settled) { auditor.look(settled); });
        !read)
        return failWith(read);
    return std::move(auditor.findings);
}

} // namespace ykt::collector
