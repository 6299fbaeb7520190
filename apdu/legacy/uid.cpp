#include "apdu/legacy/uid.h"

namespace ykt::apdu::legacy {
namespace {

// What a reader says that gives no UID, or a card that got the command itself.
bool hasNone(StatusWord status) {
    const auto kind = status >> 8;
    return kind == 0x6A || kind == 0x6D || kind == 0x6E;
}

bool isRandom(ByteView uid) {
    constexpr std::size_t singleSize = 4;
    constexpr std::uint8_t randomId = 0x08;
    return uid.size() == singleSize && uid[0] == randomId;
}

} // namespace

Result<PersonalData<Bytes>> readUid(Channel& channel) {
    const auto command = Command::getUid();
    auto response = channel.transmit(command);
    if (!response)
        return failWith(response);
    if (hasNone(response->status))
        return fail(Reason::application_missing, "UID");
    if (!response->ok())
        return tl::unexpected(statusError(command, response->status));
    PersonalData<Bytes> uid(std::move(response->data));
    const auto size = uid.reveal().size();
    if (size != 4 && size != 7 && size != 10)
        return fail(Reason::card_data_malformed, "UID");
    if (isRandom(uid.reveal()))
        return fail(Reason::legacy_uid_random, "UID");
    return uid;
}

} // namespace ykt::apdu::legacy
