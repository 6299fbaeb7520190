// What a simulated card guards: keys and PIN with their retry counters, and what has been proved in this
// session.
#pragma once

#include "base/secret.h"
#include "crypto/block_cipher.h"

#include <optional>
#include <set>

namespace ykt::sim {

struct KeySlot {
    std::uint8_t id = 0;
    crypto::BlockCipher cipher = crypto::BlockCipher::sm4;
    Secret key;
    int triesLeft = maxTries; // of EXTERNAL AUTHENTICATE

    static constexpr int maxTries = 15;
};

struct PinSlot {
    Secret pin; // cn, as VERIFY carries it
    int triesLeft = maxTries;

    static constexpr int maxTries = 3;
};

// Volatile: gone at reset and when another directory is selected.
struct SecurityState {
    std::set<std::uint8_t> authenticatedKeys; // by EXTERNAL AUTHENTICATE
    Bytes original;                           // the challenge before the last one
    Bytes processFactor;                      // the last challenge
};

} // namespace ykt::sim
