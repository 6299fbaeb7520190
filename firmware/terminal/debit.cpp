#include "firmware/terminal/debit.h"

#include "base/hex.h"
#include "firmware/terminal/payload.h"

#include <algorithm>
#include <array>

namespace ykt::firmware::terminal {
namespace {

using nlohmann::json;
using offline_store::Entry;
using offline_store::RecordClass;

json purseOf(const Debit& debit) {
    return {{"serial", toHex(debit.serial)},
            {"issuer", toHex(debit.issuer)},
            {"amount_fen", debit.purchase.amountFen},
            {"type", static_cast<unsigned>(debit.purchase.kind)},
            {"terminal", toHex(debit.purchase.terminal)},
            {"terminal_sequence", toHex(debit.terminalSequence)},
            {"time", toHex(debit.purchase.time)},
            {"counter", debit.counter}};
}

json purseOf(const Debit& debit, const std::optional<Made>& made) {
    auto purse = purseOf(debit);
    purse["debited"] = made.has_value();
    if (!made)
        return purse;
    purse["evidence"] = nameOf(made->evidence);
    if (made->tac)
        purse["tac"] = toHex(*made->tac);
    return purse;
}

template <std::size_t N>
bool read(const json& object, const char* name, ByteArray<N>& into) {
    const auto field = object.find(name);
    if (field == object.end() || !field->is_string())
        return false;
    const auto bytes = fromHex(field->get_ref<const std::string&>());
    if (!bytes || bytes->size() != N)
        return false;
    std::ranges::copy(*bytes, into.begin());
    return true;
}

template <typename T>
bool read(const json& object, const char* name, T most, T& into) {
    const auto field = object.find(name);
    if (field == object.end() || !field->is_number_unsigned() || field->get<std::uint64_t>() > most)
        return false;
    into = static_cast<T>(field->get<std::uint64_t>());
    return true;
}

bool readDebit(const json& purse, Debit& debit) {
    std::uint8_t kind = 0;
    const bool whole = read(purse, "serial", debit.serial) && read(purse, "issuer", debit.issuer) &&
                       read<std::uint32_t>(purse, "amount_fen", UINT32_MAX, debit.purchase.amountFen) &&
                       read<std::uint8_t>(purse, "type", UINT8_MAX, kind) &&
                       read(purse, "terminal", debit.purchase.terminal) &&
                       read(purse, "terminal_sequence", debit.terminalSequence) &&
                       read(purse, "time", debit.purchase.time) &&
                       read<std::uint16_t>(purse, "counter", UINT16_MAX, debit.counter);
    debit.purchase.kind = static_cast<apdu::PurchaseKind>(kind);
    return whole && (debit.purchase.kind == apdu::PurchaseKind::simple ||
                     debit.purchase.kind == apdu::PurchaseKind::composite);
}

} // namespace

std::string_view nameOf(Evidence evidence) {
    constexpr std::array<std::string_view, 3> names{"answer", "proof", "log"};
    return names.at(static_cast<std::size_t>(evidence));
}

Bytes encodeIntent(const DebitIntent& intent) {
    const auto& accepted = intent.accepted;
    json payload{{"purse", purseOf(intent.debit)},
                 {"class", static_cast<unsigned>(accepted.recordClass)},
                 {"kind", accepted.kind},
                 {"tally", accepted.tally},
                 {"accepted", payloadObject(accepted.payload)}};
    if (intent.tac)
        payload["tac"] = toHex(*intent.tac);
    return sealedSoon(payload);
}

Result<DebitIntent> decodeIntent(ByteView payload) {
    const auto corrupt = [] { return fail(Reason::store_corrupt, "intent"); };
    const auto intent = payloadObject(payload);
    const auto purse = intent.find("purse");
    const auto accepted = intent.find("accepted");
    if (purse == intent.end() || !purse->is_object() || accepted == intent.end() || !accepted->is_object())
        return corrupt();
    const auto kind = intent.find("kind");
    const auto tally = intent.find("tally");
    if (kind == intent.end() || !kind->is_string() || tally == intent.end() || !tally->is_string())
        return corrupt();
    DebitIntent decoded;
    std::uint8_t recordClass = 0;
    if (!readDebit(*purse, decoded.debit) ||
        !read(intent, "class", static_cast<std::uint8_t>(RecordClass::telemetry), recordClass))
        return corrupt();
    decoded.accepted.recordClass = static_cast<RecordClass>(recordClass);
    decoded.accepted.kind = kind->get<std::string>();
    decoded.accepted.tally = tally->get<std::string>();
    decoded.accepted.payload = sealedSoon(*accepted);
    if (ByteArray<4> tac{}; read(intent, "tac", tac))
        decoded.tac = tac;
    return decoded;
}

Entry madeEntry(const DebitIntent& intent, const Made& made) {
    Entry entry = intent.accepted;
    auto payload = payloadObject(entry.payload);
    payload["purse"] = purseOf(intent.debit, made);
    payload["admitted"] = made.admitted;
    entry.payload = sealedSoon(payload);
    return entry;
}

Entry settledLateEntry(const DebitIntent& intent, const std::optional<Made>& made) {
    auto payload = payloadObject(intent.accepted.payload);
    payload["purse"] = purseOf(intent.debit, made);
    payload["admitted"] = made && made->admitted;
    return {RecordClass::money, "debit_settled", sealedSoon(payload), {}, {}};
}

Entry unresolvedEntry(const DebitIntent& intent) {
    auto payload = payloadObject(intent.accepted.payload);
    payload["purse"] = purseOf(intent.debit);
    payload["admitted"] = false;
    return {RecordClass::money, "debit_unresolved", sealedSoon(payload), {}, {}};
}

} // namespace ykt::firmware::terminal
