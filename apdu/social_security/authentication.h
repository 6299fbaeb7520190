// Card and terminal prove themselves to each other (LD/T 32 parts 4 and 5).
#pragma once

#include "apdu/channel.h"
#include "apdu/social_security/proofs.h"

namespace ykt::apdu::social_security {

enum class Proving { card, card_and_terminal };

// INTERNAL AUTHENTICATE on random numbers of the terminal and, where the terminal proves itself too, EXTERNAL
// AUTHENTICATE with RKSSSE on random numbers of the card. Both proofs are asked for at once: `about` names
// the card, and its challenges are filled in here. Errors: card_not_genuine (wrong proof, or no such key),
// terminal_refused_by_card, authentication_blocked, crypto_failed, and those of ProofSource and Channel.
Result<void> authenticate(Channel& channel, ProofSource& source, Proving proving, ProofRequest about);

} // namespace ykt::apdu::social_security
