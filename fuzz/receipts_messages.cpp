// What a broker brings to a terminal: receipts, and bulletins whose version is looked at before their
// signature. What is taken is within bounds, and its receipts are those that HTTPS would take.
#include "firmware/courier/mqtt_messages.h"
#include "firmware/courier/wire_format.h"
#include "fuzz/fuzz.h"

using namespace ykt;
using namespace ykt::firmware::courier;

YKT_FUZZ_TARGET(input) {
    const auto text = toText(input);
    if (const auto version = claimedVersion(input))
        fuzz::hold(*version <= INT64_MAX);
    const auto message = parseReceiptsMessage(text);
    if (!message) {
        fuzz::hold(message.error() == Reason::reply_malformed);
        return;
    }
    fuzz::hold(message->terminal.size() <= 32 && message->request.size() <= 64);
    if (message->serverTime)
        fuzz::hold(unixMilliseconds(*message->serverTime) >= 0 &&
                   formatUtc(*message->serverTime).size() ==
                       formatUtc(WallTime{}).size()); // four digits of year
    const auto overHttps = parseReceipts(text);
    fuzz::hold(overHttps && overHttps->size() == message->receipts.size());
}
