// Batches of records and the answers to them, as docs/back-office-api.md and docs/mqtt-api.md have them.
#pragma once

#include "collector/http_server.h"
#include "collector/ledger.h"

namespace ykt::collector {

// The verdicts, in the batch's order, as the answer to a POST has them.
std::string formatReceipts(const IncomingBatch& batch, const std::vector<Verdict>& verdicts);
// The same as a message, which says what it answers.
std::string formatReceiptsMessage(const IncomingBatch& batch, const std::vector<Verdict>& verdicts,
                                  WallTime now);

using Settle = std::function<Result<std::vector<Verdict>>(const IncomingBatch& batch)>;

// POST /v1/transactions: 400 for what is no batch, 403 where the certificate is not the terminal's, 500 when
// nothing could be settled.
HttpAnswer answerTransactions(const HttpRequest& request, const Settle& settle);

} // namespace ykt::collector
