// The CA public keys that code certificates must chain to, by format and index.
#pragma once

#include "crypto/sm2.h"

#include <map>
#include <optional>

namespace ykt::qr {

enum class CodeFormat { transit_code, fusion_code, electronic_card_code };
std::string_view nameOf(CodeFormat format);

class TrustAnchors {
  public:
    void add(CodeFormat format, std::uint8_t index, crypto::Sm2PublicKey key) {
        keys_.insert_or_assign({format, index}, std::move(key));
    }
    [[nodiscard]] const crypto::Sm2PublicKey* find(CodeFormat format, std::uint8_t index) const {
        const auto found = keys_.find({format, index});
        return found == keys_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] bool empty() const { return keys_.empty(); }

  private:
    std::map<std::pair<CodeFormat, std::uint8_t>, crypto::Sm2PublicKey> keys_;
};

} // namespace ykt::qr
