#include "firmware/courier/wire_format.h"

#include "base/base64.h"
#include "base/hex.h"

#include <nlohmann/json.hpp>

namespace ykt::firmware::courier {

namespace {

using nlohmann::json;

constexpr std::size_t longestNote = 200; // bytes; it is kept with the record

json formatRecord(const offline_store::Record& record) {
    return {{"sequence", record.id.sequence},
            {"class", nameOf(record.recordClass)},
            {"kind", record.kind},
            {"wall_ms", unixMilliseconds(record.written.wall)},
            {"monotonic_ns", record.written.monotonic.time_since_epoch().count()},
            {"boot", toHex(record.written.boot)},
            {"trust", nameOf(record.written.trust)},
            {"salt", toHex(record.salt)},
            {"payload", toBase64(record.payload)},
            {"payload_digest", toHex(record.payloadDigest)},
            {"previous", toHex(record.previous)},
            {"hash", toHex(record.hash)}};
}

std::optional<DeliveryReceipt::Verdict> verdictFromName(const std::string& name) {
    using enum DeliveryReceipt::Verdict;
    if (name == "settled")
        return settled;
    if (name == "rejected")
        return rejected;
    if (name == "retry")
        return retry;
    return std::nullopt;
}

// Never a copy: copying nests as deep as the back office likes.
const json* member(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found == object.end() ? nullptr : &*found;
}

std::optional<DeliveryReceipt> parseReceipt(const json& object) {
    const auto* sequence = member(object, "sequence");
    const auto* verdictName = member(object, "verdict");
    const auto* note = member(object, "note");
    if (sequence == nullptr || !sequence->is_number_unsigned() || verdictName == nullptr ||
        !verdictName->is_string() || note == nullptr || !note->is_string())
        return std::nullopt;
    const auto verdict = verdictFromName(verdictName->get<std::string>());
    auto text = note->get<std::string>();
    if (!verdict || text.size() > longestNote)
        return std::nullopt;
    return DeliveryReceipt{sequence->get<std::uint64_t>(), *verdict, std::move(text)};
}

} // namespace

std::string formatBatch(const std::vector<offline_store::Record>& batch) {
    json records = json::array();
    for (const auto& record : batch)
        records.push_back(formatRecord(record));
    return json{{"terminal", batch.front().id.terminal},
                {"epoch", batch.front().id.epoch},
                {"records", std::move(records)}}
        .dump();
}

Result<std::vector<DeliveryReceipt>> parseReceipts(std::string_view body) {
    const auto answer = json::parse(body, nullptr, false);
    const auto* list = member(answer, "receipts");
    if (list == nullptr || !list->is_array())
        return fail(Reason::reply_malformed, "receipts");
    std::vector<DeliveryReceipt> receipts;
    for (const auto& object : *list) {
        auto receipt = parseReceipt(object);
        if (!receipt)
            return fail(Reason::reply_malformed, "a receipt");
        receipts.push_back(std::move(*receipt));
    }
    return receipts;
}

} // namespace ykt::firmware::courier
