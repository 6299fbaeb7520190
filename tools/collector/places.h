// What the command line and the configuration name: ledgers, addresses, files.
#pragma once

#include "collector/ledger.h"
#include "collector/nats_client.h"

namespace ykt::tools {

// What becomes of a SQLite file that is not there: who only looks must not be shown an empty ledger.
enum class Missing { is_made, is_an_error };

// "sqlite:PATH" or "postgresql:PARAMETERS", the latter as libpq has them: "postgresql:host=db dbname=ykt".
// The clock outlives the ledger. Errors: config_value,
// config_unreadable, store_failed.
Result<std::unique_ptr<collector::Ledger>> openLedger(const std::string& place, Missing missing,
                                                      const hal::Clock& clock);

// "host:port". Errors: config_value.
Result<collector::NatsServer> parseAddress(const std::string& text);

// Errors: config_unreadable.
Result<std::string> readFile(const std::string& path);

} // namespace ykt::tools
