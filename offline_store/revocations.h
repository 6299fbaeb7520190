// Where the revocation list lies: a row of the database says which file it begins with and what deltas have
// changed since; files that no row names are left over and removed.
#pragma once

#include "offline_store/database.h"
#include "offline_store/revocation.h"

#include <atomic>
#include <mutex>

namespace ykt::offline_store {

class Revocations {
  public:
    explicit Revocations(std::filesystem::path database) : database_(std::move(database)) {}

    // Inside a transaction. A list that is damaged or missing is none: look-ups fail until it is installed
    // anew. May throw SQLite::Exception.
    void load(Connection& connection);

    // -- any thread
    // Errors: look_up_failed.
    [[nodiscard]] Result<bool> contains(const RevocationKey& key) const;
    // There is a list, and no look-up has found its file unreadable.
    [[nodiscard]] bool isWhole() const;

    // -- one thread at a time
    struct Next {
        RevocationList list;
        std::filesystem::path fresh{}; // its file, not yet under its name; empty: it has none of its own
    };
    // nullopt: its content is in force already. Parts of other files are removed. Errors: store_full.
    Result<std::optional<Attachment>> attachment(const RevocationAttachment& file) const;
    // What `body` makes of the list of version `installed`. Takes its time and changes nothing that is in
    // force. Errors: bulletin_base_missing, bulletin_incomplete, bulletin_malformed, store_full,
    // store_failed.
    Result<Next> prepare(RevocationBody body, std::uint64_t installed) const;
    // The list in force as one file; none while its overlay is small. Errors: store_full, store_failed.
    Result<std::optional<Next>> folded() const;
    // Inside the transaction that makes it the list in force. May throw SQLite::Exception. Errors:
    // store_full, store_failed.
    Result<void> commit(Connection& connection, const Next& next) const;
    // After it.
    void adopt(Next next);

  private:
    using Current = std::shared_ptr<const RevocationList>;

    [[nodiscard]] Current current() const;
    [[nodiscard]] std::filesystem::path fileOf(const crypto::Digest& keys) const;
    [[nodiscard]] std::filesystem::path partOf(const crypto::Digest& keys) const;
    Result<Next> fromAttachment(const RevocationAttachment& file) const;
    // Removes the list's files but those that `keeps` names.
    template <typename Keeps>
    void removeFiles(Keeps&& keeps) const;

    const std::filesystem::path database_;
    mutable std::mutex mutex_; // over current_
    Current current_;
    mutable std::atomic<bool> damaged_{false};
};

} // namespace ykt::offline_store
