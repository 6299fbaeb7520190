#include "apdu/social_security/authentication.h"

#include "crypto/random.h"

#include <algorithm>

namespace ykt::apdu::social_security {
namespace {

constexpr std::size_t numberSize = 8;           // of original and of process factor
constexpr std::uint8_t readingKeyOfCard = 0x0A; // RKSSSE
constexpr StatusWord keyNotFound = 0x6A88;

Result<Challenge> randomChallenge() {
    const auto random = crypto::randomBytes(2 * numberSize);
    if (!random)
        return failWith(random);
    Challenge challenge;
    std::ranges::copy(ByteView(*random).first(numberSize), challenge.processFactor.begin());
    std::ranges::copy(ByteView(*random).subspan(numberSize), challenge.original.begin());
    return challenge;
}

Result<ByteArray<numberSize>> randomOfCard(Channel& channel) {
    const auto answer = channel.require(Command::getChallenge(numberSize));
    if (!answer)
        return failWith(answer);
    if (answer->size() != numberSize)
        return fail(Reason::card_data_malformed, "challenge");
    ByteArray<numberSize> number{};
    std::ranges::copy(*answer, number.begin());
    return number;
}

// The first number is the original, the second the process factor, as seen in the field.
Result<Challenge> challengeOfCard(Channel& channel) {
    const auto original = randomOfCard(channel);
    if (!original)
        return failWith(original);
    const auto processFactor = randomOfCard(channel);
    if (!processFactor)
        return failWith(processFactor);
    return Challenge{*processFactor, *original};
}

Result<Bytes> proofOfCard(Channel& channel, const Challenge& challenge) {
    const auto command = Command::internalAuthenticate(challenge.processFactor, challenge.original);
    auto response = channel.transmit(command);
    if (!response)
        return failWith(response);
    if (response->status == keyNotFound)
        return fail(Reason::card_not_genuine, "the card has no key");
    if (!response->ok())
        return tl::unexpected(statusError(command, response->status));
    return std::move(response->data);
}

} // namespace

Result<void> authenticate(Channel& channel, ProofSource& source, Proving proving, ProofRequest about) {
    const auto ours = randomChallenge();
    if (!ours)
        return failWith(ours);
    about.card = *ours;
    const auto proof = proofOfCard(channel, about.card);
    if (!proof)
        return failWith(proof);
    if (proving == Proving::card_and_terminal) {
        const auto theirs = challengeOfCard(channel);
        if (!theirs)
            return failWith(theirs);
        about.terminal = *theirs;
    }
    const auto proofs = source.prove(about);
    if (!proofs)
        return failWith(proofs);
    if (!equalConstantTime(*proof, proofs->card))
        return fail(Reason::card_not_genuine, "INTERNAL AUTHENTICATE");
    if (!about.terminal)
        return {};
    const auto accepted = channel.require(
        Command::externalAuthenticate(readingKeyOfCard, proofs->terminal.value(), about.terminal->original),
        Reason::terminal_refused_by_card);
    return accepted ? Result<void>() : failWith(accepted);
}

} // namespace ykt::apdu::social_security
