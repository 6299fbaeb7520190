// What the command line and the configuration name: ledgers, addresses, files.
#pragma once

#include "collector/ledger.h"
#include "collector/nats_client.h"

namespace ykt::tools {

// "sqlite:PATH" or "postgresql:PARAMETERS", the latter as libpq has them: "postgresql:host=db dbname=ykt".
// The clock outlives the ledger. Errors: config_value, store_failed.
Result<std::unique_ptr<collector::Ledger>> openLedger(const std::string& place, const hal::Clock& clock);

// "host:port". Errors: config_value.
Result<collector::NatsServer> parseAddress(const std::string& text);

// Errors: config_unreadable.
Result<std::string> readFile(const std::string& path);

} // namespace ykt::tools
