#include "apdu/sam/sam.h"

#include "apdu/sam/session.h"
#include "apdu/social_security/factors.h"
#include "base/hex.h"

#include <algorithm>

namespace ykt::apdu::sam {
namespace {

using social_security::Challenge;
using social_security::Proof;
using social_security::ProofRequest;
using social_security::Proofs;

constexpr ByteArray<6> applicationId{0xD1, 0x56, 0x00, 0x00, 0x05, 0x90};
constexpr std::uint8_t terminalNumberFile = 0x16;
constexpr std::size_t terminalNumberSize = 6; // cn, twelve digits

// One block: as it is for an 8-byte cipher, filled with zeros for a 16-byte one. The rule is published for
// SSF33; that SM4 follows it is inferred, as is the folding below (docs/cards.md).
Bytes block(crypto::BlockCipher cipher, const ByteArray<8>& value) {
    Bytes out(value.begin(), value.end());
    out.resize(crypto::blockSize(cipher));
    return out;
}

Proof fold(ByteView enciphered) {
    Proof proof{};
    for (std::size_t i = 0; i < enciphered.size(); ++i)
        proof[i % proof.size()] ^= enciphered[i];
    return proof;
}

Result<Proof> proof(SamSession& session, KeyReference key, const ProofRequest& request,
                    const Challenge& challenge) {
    const auto factors = concat({social_security::cityFactor(request.cityCode),
                                 social_security::cardFactor(request.historical),
                                 block(request.cipher, challenge.processFactor)});
    const auto delivered = session.require(Command::deliverSessionKey(key.usage, key.keyId, factors));
    if (!delivered)
        return failWith(delivered);
    const auto original = block(request.cipher, challenge.original);
    const auto enciphered = session.require(Command::cipherData(0x00, original));
    if (!enciphered)
        return failWith(enciphered);
    if (enciphered->size() != original.size())
        return fail(Reason::sam_refused, "SAM: answer of wrong length");
    return fold(*enciphered);
}

} // namespace

Result<std::unique_ptr<Sam>> Sam::open(std::unique_ptr<hal::CardConnection> connection,
                                       SamKeyReferences references) {
    std::unique_ptr<Sam> sam(new Sam(std::move(connection), references));
    if (const auto started = sam->start(); !started)
        return failWith(started);
    return sam;
}

Result<void> Sam::start() {
    auto session = SamSession::begin(*this);
    if (!session)
        return failWith(session);
    if (const auto selected = session->require(Command::select(applicationId)); !selected)
        return failWith(selected);
    const auto number = session->require(Command::readBinary(terminalNumberFile, 0, terminalNumberSize));
    if (!number)
        return failWith(number);
    terminalNumber_ = toHex(*number);
    const bool digits = std::ranges::all_of(terminalNumber_, [](char c) { return c >= '0' && c <= '9'; });
    if (number->size() != terminalNumberSize || !digits)
        return fail(Reason::sam_refused, "SAM: terminal number is not twelve digits");
    return {};
}

Result<Proofs> Sam::prove(const ProofRequest& request) {
    auto session = SamSession::begin(*this);
    if (!session)
        return failWith(session);
    const auto ofCard = proof(*session, references_.internalKey, request, request.card);
    if (!ofCard)
        return failWith(ofCard);
    Proofs proofs{*ofCard};
    if (request.terminal) {
        const auto ofTerminal = proof(*session, references_.readingKey, request, *request.terminal);
        if (!ofTerminal)
            return failWith(ofTerminal);
        proofs.terminal = *ofTerminal;
    }
    return proofs;
}

std::size_t Sam::exchanges() const {
    const std::lock_guard lock(mutex_);
    return channel_.exchanges();
}

} // namespace ykt::apdu::sam
