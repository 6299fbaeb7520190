// Receives until SIGTERM or SIGINT: over HTTPS, and out of a JetStream stream where one is named.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace ykt::tools {

struct ServeOptions {
    std::string ledger;
    std::string listen = "127.0.0.1:8443";
    std::string certificate;
    std::string key;
    std::string terminalsCa;
    std::string terminalsCaKey; // empty: certificates are not renewed
    unsigned certificateDays = 365;
    std::string bulletins;
    std::string attachments;
    std::vector<std::string> nats; // HOST:PORT each; none: HTTPS only
    std::string natsCa;            // empty: NATS in the clear
    std::string natsCertificate;   // empty: `certificate` and `key`
    std::string natsKey;
    bool signReceipts = false;
    std::string natsUser;
    std::string natsPasswordFile;
    std::string stream = "ykt-transactions";
    std::string subject = "ykt.v1.*.transactions";
    unsigned replicas = 1;
    unsigned streamDays = 7;
};

// Errors: config_value, config_unreadable, certificate_invalid, key_invalid, store_failed, unreachable (the
// address is taken), crypto_failed.
Result<void> serve(const ServeOptions& options);

} // namespace ykt::tools
