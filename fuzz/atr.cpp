// ATR: the parts put together are the whole, and the social security reading agrees with the general one.
#include "apdu/atr.h"
#include "apdu/social_security/atr.h"
#include "apdu/trace_masking.h"
#include "fuzz/fuzz.h"

using namespace ykt;

YKT_FUZZ_TARGET(input) {
    fuzz::hold(apdu::matches(apdu::maskedAtr(input), input));
    const auto historical = apdu::social_security::historicalBytes(input);
    const auto atr = apdu::parseAtr(input);
    if (!atr) {
        fuzz::hold(atr.error() == Reason::card_data_malformed);
        return;
    }
    Bytes whole{atr->initial, atr->format};
    for (const auto& byte : atr->interfaceBytes)
        whole.push_back(byte.value);
    fuzz::hold(whole.size() == atr->historicalAt && !atr->protocols.empty());
    whole.insert(whole.end(), atr->historical.begin(), atr->historical.end());
    if (atr->check)
        whole.push_back(*atr->check);
    fuzz::hold(std::equal(whole.begin(), whole.end(), input.begin(), input.end()));
    if (historical)
        fuzz::hold(std::equal(historical->begin(), historical->end(), atr->historical.begin()));
    apdu::storageCardFrom(atr->historical);
}
