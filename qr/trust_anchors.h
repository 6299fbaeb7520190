// The CA public keys that code certificates must chain to, by format and index.
#pragma once

#include "base/time.h"
#include "crypto/sm2.h"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace ykt::qr {

enum class CodeFormat { transit_code, fusion_code, electronic_card_code };
std::string_view nameOf(CodeFormat format);

struct CaKey {
    crypto::Sm2PublicKey key;
    std::optional<WallTime> notBefore; // none: it has always held
    std::optional<WallTime> notAfter;  // the first moment that is too late; none: it holds for good
};

class TrustAnchors {
  public:
    // While a CA changes its key, several hold under one index. The same key again replaces its period.
    void add(CodeFormat format, std::uint8_t index, CaKey key);
    // Empty: no key of that index.
    [[nodiscard]] std::span<const CaKey> find(CodeFormat format, std::uint8_t index) const;
    [[nodiscard]] bool empty() const { return keys_.empty(); }

  private:
    std::map<std::pair<CodeFormat, std::uint8_t>, std::vector<CaKey>> keys_;
};

} // namespace ykt::qr
