// The batches of records of docs/back-office-api.md, read and checked without the terminal's code.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

#include <string>
#include <vector>

namespace ykt::collector {

struct IncomingRecord {
    std::uint64_t sequence = 0; // 1 to 2^63-1
    std::string recordClass;
    std::string kind;
    std::int64_t wallMs = 0;
    std::int64_t monotonicNs = 0;
    ByteArray<16> boot{};
    std::string trust;
    ByteArray<16> salt{};
    Bytes payload;
    crypto::Digest payloadDigest{};
    crypto::Digest previous{};
    crypto::Digest hash{};
    // What of it is not of the form; then at most its sequence is to be relied on. Empty: nothing.
    std::string unreadable{};
};

struct IncomingBatch {
    std::string terminal;
    std::uint32_t epoch = 0;
    std::vector<IncomingRecord> records; // at least one
    std::string request{}; // how a message that came by a broker is called; empty: it has no name
};

// Errors: input_malformed with what is.
Result<IncomingBatch> parseTransactions(std::string_view body);
// The same where a record that is not of the form is no error but unreadable, with its sequence as far as
// that can be told (else 0).
Result<IncomingBatch> parseWhatIsReadable(std::string_view body);

// SHA-256(salt ‖ payload).
crypto::Digest payloadDigest(const IncomingRecord& record);
// The chain's, over the bytes of docs/store.md.
crypto::Digest recordHash(const IncomingBatch& batch, const IncomingRecord& record);
// What does not follow from the record's content, of its payload digest and its hash; empty: both do.
std::string unsound(const IncomingBatch& batch, const IncomingRecord& record);

} // namespace ykt::collector
