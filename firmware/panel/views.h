// What the panel says, as JSON. Nothing here names a holder: medium numbers are masked.
#pragma once

#include "firmware/courier/courier.h"
#include "firmware/keys/key_store.h"
#include "firmware/terminal/terminal.h"

namespace ykt::firmware::panel {

// With the operator's message, so that a screen that follows the outcomes has both.
std::string outcomesJson(const std::vector<terminal::Outcome>& outcomes,
                         const std::optional<terminal::Directive>& message);
std::string summariesJson(const std::vector<offline_store::RecordSummary>& summaries);
std::string recordJson(const offline_store::Record& record);
std::string errorJson(const Error& error);

struct StatusSources {
    terminal::Terminal& terminal;
    courier::Courier& courier;
    offline_store::Store& store;
    std::string terminalId;
    std::string place;
    keys::KeyStore& keys;
};
// Lists are in force and every lane can take the next presentation.
bool isReady(const StatusSources& sources);
// Errors: store_failed.
Result<std::string> statusJson(const StatusSources& sources);
// Errors: store_failed, record_not_found (no catalogue installed).
Result<std::string> catalogueJson(offline_store::Store& store);

} // namespace ykt::firmware::panel
