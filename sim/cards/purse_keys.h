// The keys and MACs of a transit purse (JT/T 978 electronic purse), in the 3DES form of PBOC's; those of its
// SM4 form are not published. How sure each formula is: docs/cards.md.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace ykt::sim {

inline constexpr std::size_t purseMacSize = 4;
inline constexpr std::size_t purseFactorSize = 8; // issuer number, short serial number

// Three keys of 16 bytes: the issuer's master keys, or those of one purse.
struct PurseKeys {
    Secret purchase;    // DPK
    Secret transaction; // DTK, which only card and issuer hold
    Secret maintenance; // locks the application

    [[nodiscard]] PurseKeys clone() const {
        return {purchase.clone(), transaction.clone(), maintenance.clone()};
    }
};

// Fresh random keys. Errors: crypto_failed.
Result<PurseKeys> randomPurseKeys();

// The key of one card: first by the issuer's number, then by the card's serial number, each time
// L = 3DES(K, f), R = 3DES(K, ~f). That the factors are those two is read in terminals, their order is
// inferred from the PSAM's of social security cards: grade C. Errors: key_invalid, crypto_failed.
Result<Secret> purseKey(const Secret& master, ByteView issuer, ByteView serial);
Result<PurseKeys> purseKeys(const PurseKeys& masters, ByteView issuer, ByteView serial);

// SESPK = 3DES(DPK, random(4) ‖ counter(2) ‖ last two bytes of the terminal's sequence(4)): 8 bytes. Errors:
// as purseKey.
Result<Secret> purchaseSession(const Secret& purchaseKey, ByteView random, ByteView counter,
                               ByteView terminalSequence);

// DES-CBC-MAC under a key of 8 bytes, padded with 80 00..., its leftmost four bytes. Errors: as purseKey.
Result<Bytes> purseMac(const Secret& key, ByteView data);

// The purse MAC under the halves of DTK, XORed. Errors: as purseKey.
Result<Bytes> transactionCode(const Secret& transactionKey, ByteView data);

// MAC of a command that maintains a purse: DES-CBC-MAC with the left half of the key from `first` (8 bytes)
// on, its last block deciphered with the right half and enciphered with the left (ISO/IEC 9797-1, algorithm
// 3), leftmost four bytes. The algorithm is recalled from PBOC, grade R: card and PSAM agree on it, the
// terminal only carries it. Errors: as purseKey.
Result<Bytes> maintenanceMac(const Secret& key, ByteView first, ByteView data);

} // namespace ykt::sim
