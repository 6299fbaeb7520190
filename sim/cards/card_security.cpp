// The commands of the card operating system that prove and guard: challenges, authentication, PIN.
#include "base/hex.h"
#include "crypto/random.h"
#include "sim/cards/keys.h"
#include "sim/cards/status.h"
#include "sim/cards/virtual_card.h"

#include <algorithm>

namespace ykt::sim {
namespace {

constexpr std::uint8_t internalKey = 0x00; // IRK

apdu::Response refused(apdu::StatusWord status) {
    return {{}, status};
}

// 4 to 12 digits, cn, an odd count filled with F.
bool isPin(ByteView packed) {
    const auto hex = toHex(packed);
    const auto end = hex.ends_with('f') ? hex.size() - 1 : hex.size();
    return end >= 4 && end <= 12 && hex.find_first_not_of("0123456789") >= end;
}

// A failed try of a key or PIN: how many are left.
apdu::Response failedTry(int& triesLeft) {
    --triesLeft;
    return refused(static_cast<apdu::StatusWord>(status::triesLeft | triesLeft));
}

} // namespace

apdu::Response VirtualCard::getChallenge(const apdu::Command& command) {
    if (command.p1 != 0 || command.p2 != 0)
        return refused(status::wrongP1P2);
    const auto size = command.expected.value_or(0);
    if (!command.data.empty() || (size != 4 && size != 8 && size != 16))
        return refused(status::wrongLength);
    auto challenge = crypto::randomBytes(size);
    if (!challenge)
        return refused(status::internalFault);
    session_.original = std::move(session_.processFactor);
    session_.processFactor = *challenge;
    return {std::move(*challenge), status::ok};
}

apdu::Response VirtualCard::internalAuthenticate(const apdu::Command& command) {
    constexpr std::size_t plain = 2 * factorSize; // process factor ‖ original
    if (command.p1 != 0 || command.p2 != 0)
        return refused(status::wrongP1P2);
    if (command.data.size() != plain && command.data.size() != plain + 1) // a key version may follow
        return refused(status::wrongLength);
    const auto* slot = findKey(*directory_, internalKey);
    if (slot == nullptr)
        return refused(status::keyNotFound);
    const ByteView data(command.data);
    auto proof =
        proofOf(slot->cipher, slot->key, data.first(factorSize), data.subspan(factorSize, factorSize));
    return proof ? apdu::Response{std::move(*proof), status::ok} : refused(status::internalFault);
}

apdu::Response VirtualCard::externalAuthenticate(const apdu::Command& command) {
    if (command.p1 != 0)
        return refused(status::wrongP1P2);
    if (command.data.size() != 2 * factorSize) // proof ‖ original
        return refused(status::wrongLength);
    auto* slot = findKey(*directory_, command.p2);
    if (slot == nullptr)
        return refused(status::keyNotFound);
    if (slot->triesLeft == 0)
        return refused(status::authenticationBlocked);
    const auto original = std::exchange(session_.original, {}); // challenges serve once
    const auto processFactor = std::exchange(session_.processFactor, {});
    if (original.size() != factorSize || processFactor.size() != factorSize)
        return refused(status::noChallenge);
    const auto proof = proofOf(slot->cipher, slot->key, processFactor, original);
    if (!proof)
        return refused(status::internalFault);
    if (!equalConstantTime(command.data, concat({*proof, original})))
        return failedTry(slot->triesLeft);
    slot->triesLeft = KeySlot::maxTries;
    session_.authenticatedKeys.insert(slot->id);
    return {{}, status::ok};
}

apdu::Response VirtualCard::verify(const apdu::Command& command) {
    constexpr std::size_t shortest = 2;
    constexpr std::size_t longest = 8;
    if (command.p1 != 0 || command.p2 != 0)
        return refused(status::wrongP1P2);
    auto& slot = directory_->pin;
    if (!slot)
        return refused(status::keyNotFound);
    if (slot->triesLeft == 0)
        return refused(status::authenticationBlocked);
    if (command.data.empty())
        return refused(static_cast<apdu::StatusWord>(status::triesLeft | slot->triesLeft));
    if (command.data.size() < shortest || command.data.size() > longest)
        return refused(status::wrongLength);
    if (!equalConstantTime(command.data, slot->pin.reveal()))
        return failedTry(slot->triesLeft);
    slot->triesLeft = PinSlot::maxTries;
    return {{}, status::ok};
}

// old ‖ FF ‖ new, both cn. No byte of a PIN is FF, since only its last half byte may be filled.
apdu::Response VirtualCard::changePin(const apdu::Command& command) {
    if (command.p1 != 0x01 || command.p2 != 0x00)
        return refused(status::wrongP1P2);
    auto& slot = directory_->pin;
    if (!slot)
        return refused(status::keyNotFound);
    if (slot->triesLeft == 0)
        return refused(status::authenticationBlocked);
    const auto separator = std::ranges::find(command.data, 0xFF);
    const Secret old = Secret::copyOf(ByteView(command.data.begin(), separator));
    if (separator == command.data.end() || !isPin(old.reveal()))
        return refused(status::wrongLength);
    const ByteView fresh(separator + 1, command.data.end());
    if (!isPin(fresh))
        return refused(status::wrongLength);
    if (!equalConstantTime(old.reveal(), slot->pin.reveal()))
        return failedTry(slot->triesLeft);
    slot->pin = Secret::copyOf(fresh);
    slot->triesLeft = PinSlot::maxTries;
    return {{}, status::ok};
}

} // namespace ykt::sim
