// The revocation list in memory: sorted keys, exact look-up, replaced as a whole.
#pragma once

#include "base/result.h"
#include "offline_store/store.h"

namespace ykt::offline_store {

class RevocationList {
  public:
    // `body` is {"entries": [32 hex characters each, strictly ascending]}. Errors: bulletin_malformed.
    static Result<RevocationList> parse(std::string_view body);

    [[nodiscard]] bool contains(const RevocationKey& key) const;
    [[nodiscard]] std::size_t size() const { return keys_.size(); }

  private:
    std::vector<RevocationKey> keys_;
};

} // namespace ykt::offline_store
