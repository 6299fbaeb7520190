// The requests of docs/back-office-api.md, read and checked without the terminal's code.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace ykt::sim {

struct IncomingRecord {
    std::string terminal;
    std::uint32_t epoch = 0;
    std::uint64_t sequence = 0;
    std::string recordClass;
    std::string kind;
    std::int64_t wallMs = 0;
    std::int64_t monotonicNs = 0;
    Bytes boot;
    std::string trust;
    Bytes salt;
    Bytes payload;
    Bytes payloadDigest;
    Bytes previous;
    Bytes hash;
};

// Errors: input_malformed.
Result<std::vector<IncomingRecord>> parseTransactions(std::string_view body);

// Digest and hash follow from the record's content. Errors: input_malformed with what does not.
Result<void> checkHashes(const IncomingRecord& record);

} // namespace ykt::sim
