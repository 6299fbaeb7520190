#include "sim/cards/legacy_card.h"

#include "sim/cards/personalisation.h"
#include "sim/cards/status.h"

namespace ykt::sim {
namespace {

Bytes onlyStatus(apdu::StatusWord status) {
    Bytes out;
    appendBigEndian(out, status, 2);
    return out;
}

} // namespace

Bytes LegacyCard::atr() const {
    return answerToReset(CardInterface::contactless, {});
}

std::optional<Bytes> LegacyCard::answer(ByteView bytes) {
    const auto command = apdu::Command::decode(bytes);
    if (!command)
        return onlyStatus(status::wrongLength);
    const bool uidWanted = command->cla == 0xFF && command->ins == 0xCA && command->p1 == 0x00 &&
                           command->p2 == 0x00 && command->data.empty();
    if (uidWanted && command->expected == 256)
        return concat({uid_, onlyStatus(status::ok)});
    if (uidWanted) {
        const auto correction = status::exactLengthIs | uid_.size();
        return command->expected == uid_.size() ? concat({uid_, onlyStatus(status::ok)})
                                                : onlyStatus(static_cast<apdu::StatusWord>(correction));
    }
    const bool select = command->cla == 0x00 && command->ins == 0xA4;
    return onlyStatus(select ? status::fileNotFound : status::instructionUnknown);
}

} // namespace ykt::sim
