#include "offline_store/record.h"

namespace ykt::offline_store {

namespace {

void appendText(Bytes& out, std::string_view text) {
    appendBigEndian(out, text.size(), 2);
    out.insert(out.end(), text.begin(), text.end());
}

void append(Bytes& out, ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

} // namespace

std::string_view nameOf(RecordClass recordClass) {
    switch (recordClass) {
    case RecordClass::money:
        return "money";
    case RecordClass::access:
        return "access";
    case RecordClass::security_event:
        return "security_event";
    case RecordClass::telemetry:
        return "telemetry";
    }
    return "telemetry";
}

std::string_view nameOf(DeliveryState state) {
    switch (state) {
    case DeliveryState::pending:
        return "pending";
    case DeliveryState::leased:
        return "leased";
    case DeliveryState::acknowledged:
        return "acknowledged";
    case DeliveryState::dead:
        return "dead";
    }
    return "dead";
}

std::string RecordId::text() const {
    return terminal + "-" + std::to_string(epoch) + "-" + std::to_string(sequence);
}

crypto::Digest chainHash(const Record& record) {
    Bytes bytes = toBytes("ykt-record-1");
    bytes.push_back(0);
    appendText(bytes, record.id.terminal);
    appendBigEndian(bytes, record.id.epoch, 4);
    appendBigEndian(bytes, record.id.sequence, 8);
    appendText(bytes, nameOf(record.recordClass));
    appendText(bytes, record.kind);
    appendBigEndian(bytes, static_cast<std::uint64_t>(unixMilliseconds(record.written.wall)), 8);
    appendBigEndian(bytes, static_cast<std::uint64_t>(record.written.monotonic.time_since_epoch().count()),
                    8);
    append(bytes, record.written.boot);
    appendText(bytes, nameOf(record.written.trust));
    append(bytes, record.payloadDigest);
    append(bytes, record.previous);
    return crypto::sha256(bytes);
}

} // namespace ykt::offline_store
