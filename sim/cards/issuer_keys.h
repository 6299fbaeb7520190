// The issuer's master keys and what is made from them.
#pragma once

#include "sim/cards/card_issuer.h"
#include "sim/cards/purse_keys.h"
#include "sim/cards/security.h"

#include <vector>

namespace ykt::sim {

// Two master keys of one algorithm.
struct MasterKeys {
    Secret internalKey; // IRK
    Secret readingKey;  // RKSSSE
};

struct IssuerKeys {
    MasterKeys tripleDes;
    MasterKeys sm4;
    PurseKeys purse;

    // Fresh random keys. Errors: crypto_failed.
    static Result<IssuerKeys> random();

    [[nodiscard]] const MasterKeys& of(crypto::BlockCipher cipher) const {
        return cipher == crypto::BlockCipher::sm4 ? sm4 : tripleDes;
    }
};

// The keys of one card, by its city and the last eight historical bytes of its ATR (`historical`: all
// thirteen). Errors: key_invalid, crypto_failed.
Result<MasterKeys> cardKeys(const MasterKeys& masters, crypto::BlockCipher cipher, std::string_view cityCode,
                            ByteView historical);

} // namespace ykt::sim
