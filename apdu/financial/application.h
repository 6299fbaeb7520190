// The card's bank application, as far as a terminal without a certified payment kernel may look: masked
// number, expiry and electronic cash. Nothing is written, no GPO is sent (docs/financial.md).
#pragma once

#include "apdu/channel.h"
#include "base/secret.h"

#include <chrono>
#include <optional>
#include <string>

namespace ykt::apdu::financial {

struct FinancialEvidence {
    std::string maskedNumber; // "621700******1234": never more than the first six and last four digits
    std::optional<std::chrono::year_month> expires;
    std::optional<std::uint64_t> electronicCashFen; // none: the card does not tell
};

// SELECT by the PBOC AIDs (A000000333010101, 02, 03), READ RECORD of SFI 2 and 3 until number and expiry are
// found, GET DATA 9F79: 3 to 14 exchanges, during which the caller holds the card exclusively
// (apdu/exclusive.h). Errors: application_missing, application_locked, record_missing (no number, or none
// without GPO), card_data_malformed, tlv_malformed, and those of Channel.
Result<FinancialEvidence> readFinancial(Channel& channel);

} // namespace ykt::apdu::financial
