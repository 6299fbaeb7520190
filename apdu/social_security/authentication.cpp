#include "apdu/social_security/authentication.h"

#include "apdu/social_security/atr.h"
#include "crypto/random.h"

#include <algorithm>

namespace ykt::apdu::social_security {
namespace {

constexpr std::size_t numberSize = 8;           // of original and of process factor
constexpr std::uint8_t readingKeyOfCard = 0x0A; // RKSSSE
constexpr StatusWord keyNotFound = 0x6A88;

// L2: six ASCII digits ‖ 73 78.
ByteArray<8> cityFactor(std::string_view cityCode) {
    ByteArray<8> factor{0, 0, 0, 0, 0, 0, 0x73, 0x78};
    std::ranges::copy(cityCode.substr(0, 6), factor.begin());
    return factor;
}

sam::ProofInput proofInput(const CardKeys& keys, ByteView processFactor, ByteView original) {
    sam::ProofInput input{keys.cipher, keys.cityFactor, keys.cardFactor, {}, {}};
    std::ranges::copy(processFactor, input.processFactor.begin());
    std::ranges::copy(original, input.original.begin());
    return input;
}

Result<Bytes> challenge(Channel& channel) {
    auto number = channel.require(Command::getChallenge(numberSize));
    if (number && number->size() != numberSize)
        return fail(Reason::card_data_malformed, "challenge");
    return number;
}

} // namespace

Result<CardKeys> cardKeys(crypto::BlockCipher cipher, std::string_view cityCode, ByteView atr) {
    const auto factor = cardFactor(atr);
    if (!factor)
        return failWith(factor);
    return CardKeys{cipher, cityFactor(cityCode), *factor};
}

Result<void> authenticateCard(Channel& channel, sam::Sam& sam, const CardKeys& keys) {
    const auto random = crypto::randomBytes(2 * numberSize);
    if (!random)
        return failWith(random);
    const auto original = ByteView(*random).first(numberSize);
    const auto processFactor = ByteView(*random).subspan(numberSize);
    const auto command = Command::internalAuthenticate(processFactor, original);
    const auto response = channel.transmit(command);
    if (!response)
        return failWith(response);
    if (response->status == keyNotFound)
        return fail(Reason::card_not_genuine, "the card has no key");
    if (!response->ok())
        return tl::unexpected(statusError(command, response->status));
    const auto proof = sam.cardProof(proofInput(keys, processFactor, original));
    if (!proof)
        return failWith(proof);
    if (!equalConstantTime(response->data, *proof))
        return fail(Reason::card_not_genuine, "INTERNAL AUTHENTICATE");
    return {};
}

Result<void> authenticateTerminal(Channel& channel, sam::Sam& sam, const CardKeys& keys) {
    const auto original = challenge(channel); // the first one, as seen in the field
    if (!original)
        return failWith(original);
    const auto processFactor = challenge(channel);
    if (!processFactor)
        return failWith(processFactor);
    const auto proof = sam.terminalProof(proofInput(keys, *processFactor, *original));
    if (!proof)
        return failWith(proof);
    const auto accepted = channel.require(Command::externalAuthenticate(readingKeyOfCard, *proof, *original),
                                          Reason::terminal_refused_by_card);
    if (!accepted)
        return failWith(accepted);
    return {};
}

} // namespace ykt::apdu::social_security
