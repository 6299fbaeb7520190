#include "collector/incoming.h"

#include "base/base64.h"
#include "base/hex.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::collector {

namespace {

using nlohmann::json;

constexpr std::size_t longestTerminal = 64; // bytes
constexpr std::size_t longestName = 64;     // of a class, a kind, a trust

template <typename Number>
Number numberField(const json& object, const char* name, std::uint64_t most) {
    const auto& value = object.at(name);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
        throw std::invalid_argument(name);
    return value.get<Number>();
}

std::int64_t signedField(const json& object, const char* name) {
    const auto& value = object.at(name);
    const bool tooLarge = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
    if (!value.is_number_integer() || tooLarge)
        throw std::invalid_argument(name);
    return value.get<std::int64_t>();
}

const std::string& textField(const json& object, const char* name, std::size_t longest) {
    const auto& text = object.at(name).get_ref<const std::string&>();
    // A database's text ends at a zero.
    if (text.empty() || text.size() > longest || text.find('\0') != std::string::npos)
        throw std::invalid_argument(name);
    return text;
}

template <std::size_t N>
void hexField(const json& object, const char* name, ByteArray<N>& into) {
    const auto bytes = fromHex(object.at(name).get_ref<const std::string&>());
    if (!bytes || bytes->size() != N)
        throw std::invalid_argument(name);
    std::ranges::copy(*bytes, into.begin());
}

constexpr auto otherJson = "not the documented JSON";

// The sequence first: it says which record cannot be read.
void parseRecord(const json& object, IncomingRecord& record) {
    record.sequence = numberField<std::uint64_t>(object, "sequence", INT64_MAX);
    record.recordClass = textField(object, "class", longestName);
    record.kind = textField(object, "kind", longestName);
    record.wallMs = signedField(object, "wall_ms");
    record.monotonicNs = signedField(object, "monotonic_ns");
    hexField(object, "boot", record.boot);
    record.trust = textField(object, "trust", longestName);
    hexField(object, "salt", record.salt);
    auto payload = fromBase64(object.at("payload").get_ref<const std::string&>());
    if (!payload)
        throw std::invalid_argument("payload");
    record.payload = std::move(*payload);
    hexField(object, "payload_digest", record.payloadDigest);
    hexField(object, "previous", record.previous);
    hexField(object, "hash", record.hash);
}

IncomingRecord recordAsFarAsReadable(const json& object) {
    IncomingRecord record;
    try {
        parseRecord(object, record);
    } catch (const json::exception&) {
        record.unreadable = otherJson;
    } catch (const std::invalid_argument& field) {
        record.unreadable = field.what();
    }
    return record;
}

IncomingBatch parseBatch(const json& object) {
    IncomingBatch batch;
    batch.terminal = textField(object, "terminal", longestTerminal);
    batch.epoch = numberField<std::uint32_t>(object, "epoch", UINT32_MAX);
    const auto& records = object.at("records");
    if (!records.is_array() || records.empty())
        throw std::invalid_argument("records");
    if (object.contains("request"))
        batch.request = textField(object, "request", longestName);
    batch.records.reserve(records.size());
    for (const auto& record : records)
        batch.records.push_back(recordAsFarAsReadable(record));
    return batch;
}

} // namespace

Result<IncomingBatch> parseWhatIsReadable(std::string_view body) {
    try {
        return parseBatch(json::parse(body));
    } catch (const json::exception&) {
        return fail(Reason::input_malformed, otherJson);
    } catch (const std::invalid_argument& field) {
        return fail(Reason::input_malformed, field.what());
    }
}

Result<IncomingBatch> parseTransactions(std::string_view body) {
    auto batch = parseWhatIsReadable(body);
    if (!batch)
        return batch;
    for (const auto& record : batch->records)
        if (!record.unreadable.empty())
            return fail(Reason::input_malformed, record.unreadable);
    return batch;
}

crypto::Digest payloadDigest(const IncomingRecord& record) {
    return crypto::sha256(concat({record.salt, record.payload}));
}

crypto::Digest recordHash(const IncomingBatch& batch, const IncomingRecord& record) {
    Bytes chained;
    const auto text = [&](std::string_view value) {
        appendBigEndian(chained, value.size(), 2);
        chained.insert(chained.end(), value.begin(), value.end());
    };
    const auto bytes = [&](ByteView value) { chained.insert(chained.end(), value.begin(), value.end()); };
    bytes(asBytes("ykt-record-1"));
    chained.push_back(0);
    text(batch.terminal);
    appendBigEndian(chained, batch.epoch, 4);
    appendBigEndian(chained, record.sequence, 8);
    text(record.recordClass);
    text(record.kind);
    appendBigEndian(chained, static_cast<std::uint64_t>(record.wallMs), 8);
    appendBigEndian(chained, static_cast<std::uint64_t>(record.monotonicNs), 8);
    bytes(record.boot);
    text(record.trust);
    bytes(record.payloadDigest);
    bytes(record.previous);
    return crypto::sha256(chained);
}

std::string unsound(const IncomingBatch& batch, const IncomingRecord& record) {
    if (payloadDigest(record) != record.payloadDigest)
        return "payload digest does not follow from the content";
    return recordHash(batch, record) == record.hash ? "" : "hash does not follow from the content";
}

} // namespace ykt::collector
