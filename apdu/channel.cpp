#include "apdu/channel.h"

#include "base/hex.h"

namespace ykt::apdu {
namespace {

// SW2 of 61xx and 6Cxx: zero stands for 256.
std::size_t lengthOf(StatusWord status) {
    const std::size_t length = status & 0xFF;
    return length == 0 ? 256 : length;
}

std::optional<Reason> reasonOf(StatusWord status) {
    switch (status) {
    case 0x6283: // selected file invalidated
    case 0x9303: // application permanently locked
    case 0x9407: // of a purse: application locked
        return Reason::application_locked;
    case 0x6982:
        return Reason::access_denied;
    case 0x6983:
        return Reason::authentication_blocked;
    case 0x6A82:
        return Reason::file_missing;
    case 0x6A83:
        return Reason::record_missing;
    case 0x9401:
        return Reason::balance_insufficient;
    default:
        return std::nullopt;
    }
}

} // namespace

Error statusError(const Command& command, StatusWord status, Reason unexpected) {
    Bytes word;
    appendBigEndian(word, status, 2);
    return {reasonOf(status).value_or(unexpected),
            "status " + toHex(word) + " to " + toHex(Bytes{command.ins})};
}

bool saysNoApplication(StatusWord status) {
    switch (status) {
    case 0x6300:
    case 0x6A81:
    case 0x6A82:
    case 0x6D00:
    case 0x6E00:
        return true;
    default:
        return false;
    }
}

Result<Response> Channel::exchange(const Command& command) {
    Bytes raw = command.encode();
    ++exchanges_;
    const auto answer = card_.transmit(raw);
    wipe(raw); // it may hold a PIN
    if (!answer)
        return failWith(answer);
    auto response = Response::decode(*answer);
    if (response && response->data.size() > command.expected.value_or(0))
        return fail(Reason::apdu_malformed, "more data than asked for");
    return response;
}

Result<Response> Channel::transmit(const Command& command) {
    Bytes collected;
    Command followUp;
    const Command* next = &command;
    for (int sent = 0; sent <= maxFollowUps; ++sent) {
        auto response = exchange(*next);
        if (!response)
            return response;
        const auto kind = response->status >> 8;
        if (kind == 0x6C) {
            followUp = *next;
            followUp.expected = lengthOf(response->status);
            next = &followUp;
            continue;
        }
        if (collected.size() + response->data.size() > maxAnswerBytes)
            return fail(Reason::answer_too_long, "bytes");
        collected.insert(collected.end(), response->data.begin(), response->data.end());
        if (kind != 0x61)
            return Response{std::move(collected), response->status};
        followUp = Command::getResponse(lengthOf(response->status));
        next = &followUp;
    }
    return fail(Reason::answer_too_long, "follow-ups");
}

Result<Bytes> Channel::require(const Command& command, Reason unexpected) {
    auto response = transmit(command);
    if (!response)
        return failWith(response);
    if (!response->ok())
        return tl::unexpected(statusError(command, response->status, unexpected));
    return std::move(response->data);
}

} // namespace ykt::apdu
