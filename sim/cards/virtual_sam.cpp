#include "sim/cards/virtual_sam.h"

#include "sim/cards/keys.h"
#include "sim/cards/sam_personalisation.h"
#include "sim/cards/status.h"

#include <algorithm>

namespace ykt::sim {
namespace {

apdu::Response refused(apdu::StatusWord status) {
    return {{}, status};
}

// Master key to city key to card key to session key.
Result<Secret> sessionFrom(const SamKey& master, ByteView city, ByteView card, ByteView processFactor) {
    const auto cityKey = diversify(master.cipher, master.key, city);
    if (!cityKey)
        return failWith(cityKey);
    const auto cardKey = diversify(master.cipher, *cityKey, card);
    if (!cardKey)
        return failWith(cardKey);
    return sessionKey(master.cipher, *cardKey, processFactor);
}

} // namespace

void VirtualSam::forgetSession() {
    VirtualCard::forgetSession();
    session_.reset();
    purchases_.forgetSession();
}

apdu::Response VirtualSam::execute(const apdu::Command& command) {
    const bool byName = command.cla == 0x00 && command.ins == 0xA4 && command.p1 == 0x04;
    if (lock_ == SamLock::application && byName)
        return refused(status::applicationLockedForGood);
    if (auto response = withKeys(command))
        return *response;
    return VirtualCard::execute(command);
}

std::optional<apdu::Response> VirtualSam::withKeys(const apdu::Command& command) {
    const auto instruction = command.cla << 8 | command.ins;
    const bool known = instruction == 0xBFDE || instruction == 0x80FA || instruction == 0x8070 ||
                       instruction == 0x8072 || instruction == 0x801A;
    if (!known)
        return std::nullopt;
    if (lock_ == SamLock::keys)
        return refused(status::authenticationBlocked);
    if (directory().fid != samApplicationFile)
        return refused(status::conditionsNotSatisfied);
    switch (instruction) {
    case 0x8070:
        return purchases_.begin(command);
    case 0x8072:
        return purchases_.confirm(command);
    case 0x801A:
        return purchases_.deriveMaintenanceKey(command);
    case 0xBFDE:
        return deliverSessionKey(command);
    default:
        return command.p1 == 0x00 ? cipherData(command) : purchases_.maintenanceCode(command);
    }
}

apdu::Response VirtualSam::deliverSessionKey(const apdu::Command& command) {
    constexpr std::size_t factors = 2 * factorSize;
    session_.reset();
    const auto cipher = command.data.size() == factors + crypto::blockSize(crypto::BlockCipher::sm4)
                            ? crypto::BlockCipher::sm4
                            : crypto::BlockCipher::triple_des;
    if (command.data.size() != factors + crypto::blockSize(cipher))
        return refused(status::wrongLength);
    const auto master = std::ranges::find_if(keys_, [&](const SamKey& key) {
        return key.usage == command.p1 && key.id == command.p2 && key.cipher == cipher;
    });
    if (master == keys_.end())
        return refused(status::keyIndexUnknown);
    const ByteView data(command.data);
    auto session = sessionFrom(*master, data.first(factorSize), data.subspan(factorSize, factorSize),
                               data.subspan(factors));
    if (!session)
        return refused(status::internalFault);
    session_ = Session{cipher, std::move(*session)};
    return {{}, status::ok};
}

apdu::Response VirtualSam::cipherData(const apdu::Command& command) {
    if (command.p1 != 0 || command.p2 != 0)
        return refused(status::wrongP1P2);
    if (!session_)
        return refused(status::conditionsNotSatisfied);
    const auto session = std::exchange(session_, std::nullopt);
    if (command.data.empty() || command.data.size() % crypto::blockSize(session->cipher) != 0)
        return refused(status::wrongLength);
    auto enciphered = crypto::encryptEcb(session->cipher, session->key, command.data);
    return enciphered ? apdu::Response{std::move(*enciphered), status::ok} : refused(status::internalFault);
}

} // namespace ykt::sim
