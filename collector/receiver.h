// What a back office answers to terminals over HTTPS (docs/back-office-api.md), but for what needs an HSM or
// a token book: records, status, bulletins and the files that bulletins name, certificates anew.
#pragma once

#include "collector/certificates.h"
#include "collector/ledger.h"

#include <atomic>
#include <filesystem>

namespace ykt::collector {

struct ReceiverFolders {
    // {kind}/{version} is a signed bulletin. Empty: none are offered.
    std::filesystem::path bulletins{};
    // {SHA-256 in hex} is a file that a bulletin names. Empty: there are none.
    std::filesystem::path attachments{};
};

class Receiver {
  public:
    // The ledger outlives it. Without `sign` certificates are not renewed (404).
    Receiver(Ledger& ledger, ReceiverFolders folders, CertificateSign sign = {})
        : ledger_(ledger), folders_(std::move(folders)), sign_(std::move(sign)) {}

    // Any thread may call it.
    HttpAnswer answer(const HttpRequest& request);

    [[nodiscard]] std::uint64_t settledRecords() const { return settled_; }
    [[nodiscard]] std::uint64_t rejectedRecords() const { return rejected_; }

  private:
    HttpAnswer answerStatus(const HttpRequest& request);
    [[nodiscard]] HttpAnswer answerBulletin(const HttpRequest& request) const;
    [[nodiscard]] HttpAnswer answerAttachment(const HttpRequest& request) const;
    Result<std::vector<Verdict>> settle(const IncomingBatch& batch);

    Ledger& ledger_;
    ReceiverFolders folders_;
    CertificateSign sign_;
    std::atomic<std::uint64_t> settled_{0};
    std::atomic<std::uint64_t> rejected_{0};
};

} // namespace ykt::collector
