// A terminal that makes records as the documents say, without a store.
#pragma once

#include "base/base64.h"
#include "base/hex.h"
#include "collector/incoming.h"

#include <nlohmann/json.hpp>

namespace ykt::collector {

struct PlayedTerminal {
    std::string name = "NX-BUS-0001";
    std::uint32_t epoch = 1;
    std::uint64_t last = 0;
    crypto::Digest previous{};

    IncomingRecord record(const std::string& payload = R"({"fare":200})") {
        IncomingRecord made;
        made.sequence = ++last;
        made.recordClass = "money";
        made.kind = "ride";
        made.wallMs = 1'795'000'000'000 + static_cast<std::int64_t>(last);
        made.monotonicNs = static_cast<std::int64_t>(last) * 1'000'000;
        made.boot.fill(0xB0);
        made.trust = "synced";
        made.salt.fill(static_cast<std::uint8_t>(last));
        made.payload = toBytes(payload);
        made.previous = previous;
        seal(made);
        previous = made.hash;
        return made;
    }
    // Makes digest and hash follow from the rest.
    void seal(IncomingRecord& record) const {
        record.payloadDigest = payloadDigest(record);
        record.hash = recordHash({name, epoch, {}, {}}, record);
    }
    IncomingBatch batch(std::size_t count) {
        IncomingBatch made = of({});
        for (std::size_t i = 0; i < count; ++i)
            made.records.push_back(record());
        return made;
    }
    [[nodiscard]] IncomingBatch of(std::vector<IncomingRecord> records) const {
        return {name, epoch, std::move(records), {}};
    }
};

inline std::string toJson(const IncomingBatch& batch) {
    auto records = nlohmann::json::array();
    for (const auto& record : batch.records)
        records.push_back({{"sequence", record.sequence},
                           {"class", record.recordClass},
                           {"kind", record.kind},
                           {"wall_ms", record.wallMs},
                           {"monotonic_ns", record.monotonicNs},
                           {"boot", toHex(record.boot)},
                           {"trust", record.trust},
                           {"salt", toHex(record.salt)},
                           {"payload", toBase64(record.payload)},
                           {"payload_digest", toHex(record.payloadDigest)},
                           {"previous", toHex(record.previous)},
                           {"hash", toHex(record.hash)}});
    nlohmann::json object{
        {"terminal", batch.terminal}, {"epoch", batch.epoch}, {"records", std::move(records)}};
    if (!batch.request.empty())
        object["request"] = batch.request;
    return object.dump();
}

} // namespace ykt::collector
