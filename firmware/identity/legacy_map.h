// Whose the cards are that have nothing but a number: the body of the bulletin "legacy_map".
// docs/bulletins.md is its form.
#pragma once

#include "firmware/identity/verified_identity.h"

#include <chrono>
#include <string_view>
#include <vector>

namespace ykt::firmware::identity {

// 32 bytes, one for the whole fleet of an operator.
using PseudonymKey = Secret;

// HMAC-SM3(key, "legacy:" ‖ uid), its first 16 bytes: the map lies on every terminal, the UIDs do not.
using LegacyDigest = ByteArray<16>;
LegacyDigest legacyDigest(const PseudonymKey& key, ByteView uid);

struct LegacyHolder {
    LegacyDigest digest{};
    SubjectId subject{}; // the holder reference: that of the holder's one card
    HolderClass holderClass = HolderClass::unknown;
    std::string region;                  // six digits
    std::chrono::year_month_day lastDay; // that the card is taken, in China
};

class LegacyMap {
  public:
    // Errors: bulletin_malformed, with the path of what is wrong: "cards[1].holder".
    static Result<LegacyMap> parse(std::string_view json);

    // Errors: not_registered.
    [[nodiscard]] Result<LegacyHolder> find(const LegacyDigest& digest) const;
    [[nodiscard]] std::size_t size() const { return holders_.size(); }

  private:
    std::vector<LegacyHolder> holders_; // by digest
};

} // namespace ykt::firmware::identity
