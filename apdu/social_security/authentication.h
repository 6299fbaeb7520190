// Proofs between card and terminal through the SAM (LD/T 32 parts 4 and 5).
#pragma once

#include "apdu/channel.h"
#include "apdu/sam/sam.h"

#include <string_view>

namespace ykt::apdu::social_security {

// Whose keys: the factors by which the issuer's master keys become those of this card.
struct CardKeys {
    crypto::BlockCipher cipher = crypto::BlockCipher::sm4;
    ByteArray<8> cityFactor{};
    ByteArray<8> cardFactor{};
};

// `cityCode`: six digits. Errors: card_data_malformed (the ATR, see atr.h).
Result<CardKeys> cardKeys(crypto::BlockCipher cipher, std::string_view cityCode, ByteView atr);

// INTERNAL AUTHENTICATE on random numbers of the terminal. Errors: card_not_genuine (wrong proof, or no such
// key), crypto_failed, and those of Sam and Channel.
Result<void> authenticateCard(Channel& channel, sam::Sam& sam, const CardKeys& keys);

// EXTERNAL AUTHENTICATE with RKSSSE on random numbers of the card. Errors: terminal_refused_by_card,
// authentication_blocked, and those of Sam and Channel.
Result<void> authenticateTerminal(Channel& channel, sam::Sam& sam, const CardKeys& keys);

} // namespace ykt::apdu::social_security
