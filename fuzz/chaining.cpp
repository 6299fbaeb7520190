// 61xx and 6Cxx: a card that chains whatever it likes stays within the channel's bounds.
#include "apdu/channel.h"
#include "fuzz/fuzz.h"

using namespace ykt;
using apdu::Channel;

// The first byte is Ne, then come answers, each behind its length; a card that has none left is gone.
YKT_FUZZ_TARGET(input) {
    const auto asked = fuzz::take(input, 1);
    const std::size_t expected = asked.empty() || asked[0] == 0 ? 256 : asked[0];
    auto rest = input;
    fuzz::ScriptedCard card([&rest](ByteView command) -> Result<Bytes> {
        const auto decoded = apdu::Command::decode(command);
        fuzz::hold(decoded.has_value() && decoded->encode() == Bytes(command.begin(), command.end()));
        if (rest.empty())
            return fail(Reason::card_gone);
        const auto answer = fuzz::takeCounted(rest);
        return Bytes(answer.begin(), answer.end());
    });
    Channel channel(card);
    const auto response = channel.transmit(apdu::Command::readRecords(5, 1, expected));
    fuzz::hold(channel.exchanges() <= Channel::maxFollowUps + 1);
    if (response) {
        fuzz::hold(response->data.size() <= Channel::maxAnswerBytes);
        fuzz::hold(response->status >> 8 != 0x61 && response->status >> 8 != 0x6C);
        return;
    }
    const auto reason = response.error().reason;
    fuzz::hold(reason == Reason::card_gone || reason == Reason::apdu_malformed ||
               reason == Reason::answer_too_long);
}
