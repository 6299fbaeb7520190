// The JSON of docs/back-office-api.md.
#pragma once

#include "firmware/courier/upstream.h"

namespace ykt::firmware::courier {

// The body of POST /v1/transactions for a batch that is not empty.
std::string formatBatch(const std::vector<offline_store::Record>& batch);

// The body of its answer. Errors: reply_malformed.
Result<std::vector<DeliveryReceipt>> parseReceipts(std::string_view body);

} // namespace ykt::firmware::courier
