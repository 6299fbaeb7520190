#include "sim/back_office/incoming.h"

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/digest.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::sim {

namespace {

using nlohmann::json;

Bytes hexField(const json& object, const char* name, std::size_t size) {
    auto bytes = fromHex(object.at(name).get<std::string>());
    if (!bytes || bytes->size() != size)
        throw std::invalid_argument(name);
    return std::move(*bytes);
}

IncomingRecord parseRecord(const json& object) {
    IncomingRecord record;
    record.sequence = object.at("sequence").get<std::uint64_t>();
    record.recordClass = object.at("class").get<std::string>();
    record.kind = object.at("kind").get<std::string>();
    record.wallMs = object.at("wall_ms").get<std::int64_t>();
    record.monotonicNs = object.at("monotonic_ns").get<std::int64_t>();
    record.boot = hexField(object, "boot", 16);
    record.trust = object.at("trust").get<std::string>();
    record.salt = hexField(object, "salt", 16);
    auto payload = fromBase64(object.at("payload").get<std::string>());
    if (!payload)
        throw std::invalid_argument("payload");
    record.payload = std::move(*payload);
    record.payloadDigest = hexField(object, "payload_digest", 32);
    record.previous = hexField(object, "previous", 32);
    record.hash = hexField(object, "hash", 32);
    return record;
}

bool equal(const crypto::Digest& digest, const Bytes& bytes) {
    return std::equal(digest.begin(), digest.end(), bytes.begin(), bytes.end());
}

} // namespace

Result<std::vector<IncomingRecord>> parseTransactions(std::string_view body) {
    try {
        const auto request = json::parse(body);
        std::vector<IncomingRecord> records;
        for (const auto& object : request.at("records")) {
            auto record = parseRecord(object);
            record.terminal = request.at("terminal").get<std::string>();
            record.epoch = request.at("epoch").get<std::uint32_t>();
            records.push_back(std::move(record));
        }
        return records;
    } catch (const json::exception&) {
        return fail(Reason::input_malformed, "not the documented JSON");
    } catch (const std::invalid_argument& field) {
        return fail(Reason::input_malformed, field.what());
    }
}

Result<void> checkHashes(const IncomingRecord& record) {
    if (!equal(crypto::sha256(concat({record.salt, record.payload})), record.payloadDigest))
        return fail(Reason::input_malformed, "payload digest");
    Bytes chained;
    const auto text = [&](std::string_view value) {
        appendBigEndian(chained, value.size(), 2);
        chained.insert(chained.end(), value.begin(), value.end());
    };
    const auto bytes = [&](ByteView value) { chained.insert(chained.end(), value.begin(), value.end()); };
    bytes(asBytes("ykt-record-1"));
    chained.push_back(0);
    text(record.terminal);
    appendBigEndian(chained, record.epoch, 4);
    appendBigEndian(chained, record.sequence, 8);
    text(record.recordClass);
    text(record.kind);
    appendBigEndian(chained, static_cast<std::uint64_t>(record.wallMs), 8);
    appendBigEndian(chained, static_cast<std::uint64_t>(record.monotonicNs), 8);
    bytes(record.boot);
    text(record.trust);
    bytes(record.payloadDigest);
    bytes(record.previous);
    if (!equal(crypto::sha256(chained), record.hash))
        return fail(Reason::input_malformed, "hash");
    return {};
}

} // namespace ykt::sim
