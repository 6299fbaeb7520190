// The revocation list in force: a file of sorted keys, and what deltas have changed since. Exact look-up.
#pragma once

#include "base/result.h"
#include "offline_store/revocation_file.h"

#include <memory>
#include <optional>
#include <variant>

namespace ykt::offline_store {

using RevocationKeys = std::vector<RevocationKey>; // strictly ascending

// -- the three forms of a revocation bulletin's body (docs/bulletins.md)
struct RevocationEntries { // the whole list
    RevocationKeys keys;
};
struct RevocationAttachment { // the whole list lies in a file
    crypto::Digest sha256{};
    std::uint64_t bytes = 0;
};
struct RevocationDelta { // to the list of version `base`; no key is in both
    std::uint64_t base = 0;
    RevocationKeys add;
    RevocationKeys remove;
};
using RevocationBody = std::variant<RevocationEntries, RevocationAttachment, RevocationDelta>;

// Errors: bulletin_malformed.
Result<RevocationBody> parseRevocationBody(std::string_view body);

// What changed since the file was written. No key is in both.
struct RevocationOverlay {
    // Beyond, the list is written anew as one file: a delta costs the overlay's size on the flash, and each
    // look-up a search in it.
    static constexpr std::size_t mostKeys = 65'536;

    RevocationKeys added;
    RevocationKeys removed;
    [[nodiscard]] std::size_t size() const { return added.size() + removed.size(); }
};

// Immutable: a new one takes its place.
class RevocationList {
  public:
    using Base = std::shared_ptr<const RevocationFile>; // null: no key

    RevocationList() = default;
    RevocationList(Base base, RevocationOverlay overlay)
        : base_(std::move(base)), overlay_(std::move(overlay)) {}

    // Errors: look_up_failed.
    [[nodiscard]] Result<bool> contains(const RevocationKey& key) const;
    [[nodiscard]] RevocationList with(const RevocationDelta& delta) const;
    // All keys in force. Errors: store_failed, store_corrupt.
    [[nodiscard]] Result<RevocationKeys> keys() const;
    [[nodiscard]] const Base& base() const { return base_; }
    [[nodiscard]] const RevocationOverlay& overlay() const { return overlay_; }

  private:
    Base base_;
    RevocationOverlay overlay_;
};

} // namespace ykt::offline_store
