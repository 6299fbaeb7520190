#include "collector/transactions.h"

#include <nlohmann/json.hpp>

namespace ykt::collector {

namespace {

using nlohmann::json;

json receiptsOf(const IncomingBatch& batch, const std::vector<Verdict>& verdicts) {
    auto receipts = json::array();
    for (std::size_t i = 0; i < verdicts.size(); ++i)
        receipts.push_back({{"sequence", batch.records[i].sequence},
                            {"verdict", verdicts[i].settled ? "settled" : "rejected"},
                            {"note", verdicts[i].note}});
    return receipts;
}

} // namespace

std::string formatReceipts(const IncomingBatch& batch, const std::vector<Verdict>& verdicts) {
    return json{{"receipts", receiptsOf(batch, verdicts)}}.dump();
}

std::string formatReceiptsMessage(const IncomingBatch& batch, const std::vector<Verdict>& verdicts,
                                  WallTime now) {
    return json{{"terminal", batch.terminal},
                {"epoch", batch.epoch},
                {"request", batch.request},
                {"server_ms", unixMilliseconds(now)},
                {"receipts", receiptsOf(batch, verdicts)}}
        .dump();
}

HttpAnswer answerTransactions(const HttpRequest& request, const Settle& settle) {
    const auto batch = parseTransactions(request.body);
    if (!batch)
        return {400, {}};
    if (batch->terminal != request.peer)
        return {403, {}};
    const auto verdicts = settle(*batch);
    if (!verdicts)
        return {500, {}};
    return {200, formatReceipts(*batch, *verdicts)};
}

} // namespace ykt::collector
