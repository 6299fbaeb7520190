// POST /v1/transactions of docs/back-office-api.md.
#pragma once

#include "collector/http_server.h"
#include "collector/ledger.h"

namespace ykt::collector {

// The verdicts, in the batch's order, as a terminal reads them.
std::string formatReceipts(const IncomingBatch& batch, const std::vector<Verdict>& verdicts);

using Settle = std::function<Result<std::vector<Verdict>>(const IncomingBatch& batch)>;

// 400 for what is no batch, 403 where the certificate is not the terminal's, 500 when nothing could be
// settled.
HttpAnswer answerTransactions(const HttpRequest& request, const Settle& settle);

} // namespace ykt::collector
