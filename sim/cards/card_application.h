// A whole card from its spec: the applications side by side, and the keys of each.
#pragma once

#include "sim/cards/card_spec.h"
#include "sim/cards/issuer_keys.h"

#include <memory>

namespace ykt::sim {

// Errors: input_malformed (a field of the spec that a card cannot hold), key_invalid, crypto_failed.
Result<std::shared_ptr<CardSoftware>> cardWith(const IssuerKeys& issuer, const CardSpec& spec,
                                               std::uint32_t serial);

} // namespace ykt::sim
