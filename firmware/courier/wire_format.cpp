#include "firmware/courier/wire_format.h"

#include "base/base64.h"
#include "base/hex.h"

#include <nlohmann/json.hpp>

namespace ykt::firmware::courier {

namespace {

using nlohmann::json;

constexpr std::size_t longestNote = 200; // bytes; it is kept with the record

// RFC 8259, 7. Bytes above ASCII are UTF-8 already.
void appendText(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
            continue;
        }
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    out += '"';
}

void appendNumber(std::string& out, std::string_view name, auto number) {
    out.append(name).append(std::to_string(number));
}

void appendHex(std::string& out, std::string_view name, ByteView bytes) {
    out.append(name).append(toHex(bytes)).append(1, '"');
}

// Written out rather than through a tree of values, which takes longer than all the rest of a record's way.
void appendRecord(std::string& out, const offline_store::Record& record) {
    appendNumber(out, R"({"sequence":)", record.id.sequence);
    out.append(R"(,"class":")").append(nameOf(record.recordClass)).append(R"(","kind":)");
    appendText(out, record.kind);
    appendNumber(out, R"(,"wall_ms":)", unixMilliseconds(record.written.wall));
    appendNumber(out, R"(,"monotonic_ns":)", record.written.monotonic.time_since_epoch().count());
    appendHex(out, R"(,"boot":")", record.written.boot);
    out.append(R"(,"trust":")").append(nameOf(record.written.trust)).append(1, '"');
    appendHex(out, R"(,"salt":")", record.salt);
    out.append(R"(,"payload":")").append(toBase64(record.payload)).append(1, '"');
    appendHex(out, R"(,"payload_digest":")", record.payloadDigest);
    appendHex(out, R"(,"previous":")", record.previous);
    appendHex(out, R"(,"hash":")", record.hash);
    out += '}';
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
    constexpr std::size_t aroundPayload = 600; // bytes of a record's other fields, about
    std::size_t size = aroundPayload;
    for (const auto& record : batch)
        size += aroundPayload + record.payload.size() * 4 / 3;
    std::string out;
    out.reserve(size);
    out += R"({"terminal":)";
    appendText(out, batch.front().id.terminal);
    appendNumber(out, R"(,"epoch":)", batch.front().id.epoch);
    out += R"(,"records":[)";
    for (const auto& record : batch) {
        if (&record != &batch.front())
            out += ',';
        appendRecord(out, record);
    }
    out += "]}";
    return out;
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
