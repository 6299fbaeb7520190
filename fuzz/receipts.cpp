// Receipts as the back office answers a batch: what is taken is within bounds, and the same when it is
// written again.
#include "firmware/courier/wire_format.h"
#include "fuzz/fuzz.h"

#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

const char* nameOf(DeliveryReceipt::Verdict verdict) {
    using enum DeliveryReceipt::Verdict;
    return verdict == settled ? "settled" : verdict == rejected ? "rejected" : "retry";
}

std::string written(const std::vector<DeliveryReceipt>& receipts) {
    auto list = nlohmann::json::array();
    for (const auto& receipt : receipts)
        list.push_back(
            {{"sequence", receipt.sequence}, {"verdict", nameOf(receipt.verdict)}, {"note", receipt.note}});
    return nlohmann::json{{"receipts", list}}.dump();
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto receipts = parseReceipts(toText(input));
    if (!receipts) {
        fuzz::hold(receipts.error() == Reason::reply_malformed);
        return;
    }
    for (const auto& receipt : *receipts)
        fuzz::hold(receipt.note.size() <= 200);
    const auto again = parseReceipts(written(*receipts));
    fuzz::hold(again && written(*again) == written(*receipts));
}
