// The holder's pseudonym in the programme, and how a fusion code carries it sealed (docs/fusion-code.md).
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

#include <string>

namespace ykt::qr {

using HolderReference = ByteArray<16>;

// The first 16 bytes of HMAC-SM3(programme key, social security number). A terminal derives the same from a
// card, so lists and rules hold whichever medium is shown.
HolderReference holderReference(const Secret& programmeKey,
                                const PersonalData<std::string>& socialSecurityNumber);

// The authorisation that a reference is sealed for: codes of different authorisations cannot be linked.
struct SealingContext {
    ByteView userPoint; // 33 bytes, compressed
    WallTime authorisedUntil{};
};

// One block of SM4 under the first 16 bytes of HMAC-SM3(programme key, "ykt-fusion-seal" ‖ user point ‖
// authorised until). No tag: the issuer's signature covers the sealed bytes. Errors: crypto_failed.
Result<ByteArray<16>> sealHolderReference(const Secret& programmeKey, const HolderReference& reference,
                                          const SealingContext& authorisation);
Result<HolderReference> openHolderReference(const Secret& programmeKey, const ByteArray<16>& sealed,
                                            const SealingContext& authorisation);

} // namespace ykt::qr
