// The journal's records. docs/store.md has the hash chain's bytes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "crypto/digest.h"

#include <optional>
#include <string>
#include <vector>

namespace ykt::offline_store {

// By priority: money is delivered first and never dropped.
enum class RecordClass { money, access, security_event, telemetry };
std::string_view nameOf(RecordClass recordClass);

enum class DeliveryState { pending, leased, acknowledged, dead };
std::string_view nameOf(DeliveryState state);

// (terminal, store epoch, sequence): the idempotency key upstream and the receipt number for the holder.
struct RecordId {
    std::string terminal;
    std::uint32_t epoch = 0;
    std::uint64_t sequence = 0;             // from 1, without gaps
    [[nodiscard]] std::string text() const; // "NX-BUS-0001-1-42"
    bool operator==(const RecordId&) const = default;
};

// A key that nobody may claim again: a code at a service (reason already_used), whatever the clock says
// afterwards, `until` being when nobody would take the code anyway; or holder and service before `until`
// (reason repeated_too_soon). Claimed in the same COMMIT as the record.
struct Claim {
    ByteArray<32> key{};
    WallTime until{};
    Reason refusal = Reason::already_used;
};
inline bool isForOnce(const Claim& claim) {
    return claim.refusal == Reason::already_used;
}

// Something that may be done so often in a day (in China), counted in the same COMMIT as the record.
struct Quota {
    ByteArray<32> key{};
    std::uint32_t limit = 0;
    Reason refusal = Reason::deferral_limit; // when the day's limit is reached
};

struct Entry {
    RecordClass recordClass = RecordClass::access;
    std::string kind; // "ride", "entry", "refusal", "start", ...; not personal
    Bytes payload;    // JSON; sealed at rest
    std::vector<Claim> claims;
    std::string tally{}; // what is counted with it, by day: "legacy_card"; empty: nothing
    std::vector<Quota> quotas{};
    // Records of one key are delivered in their order, and hold up nobody else's: the first bytes of a keyed
    // digest of the purse or the holder. Stands readable at rest.
    std::optional<std::uint64_t> order{};
};

struct Record {
    RecordId id;
    RecordClass recordClass = RecordClass::access;
    std::string kind;
    Instant written;
    ByteArray<16> salt{};           // makes the payload's digest tell nothing at rest
    Bytes payload;                  // opened
    crypto::Digest payloadDigest{}; // SHA-256(salt ‖ payload)
    crypto::Digest previous{};      // hash of the record before; zero for the first of an epoch
    crypto::Digest hash{};
};

struct RecordSummary {
    RecordId id;
    RecordClass recordClass = RecordClass::access;
    std::string kind;
    WallTime written{};
    DeliveryState state = DeliveryState::pending;
    int attempts = 0; // real ones only
    std::string note; // upstream's receipt, or why it is a dead letter
};

// The chain's hash over everything of a record but its payload, which stands in by its digest.
crypto::Digest chainHash(const Record& record);

} // namespace ykt::offline_store
