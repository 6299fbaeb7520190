#include "apdu/financial/application.h"

#include "apdu/tlv.h"

#include <algorithm>
#include <array>

namespace ykt::apdu::financial {
namespace {

using std::chrono::year_month;

// Of PBOC: debit, credit and quasi-credit, in the order in which a card with several is looked at.
constexpr std::array<ByteArray<8>, 3> applicationIds{{{0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01},
                                                      {0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x02},
                                                      {0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x03}}};
constexpr std::array<std::uint8_t, 2> recordFiles{2, 3};
constexpr std::uint8_t recordsPerFile = 5;
constexpr std::size_t anyLength = 256;

constexpr std::uint32_t recordTemplate = 0x70;
constexpr std::uint32_t numberTag = 0x5A;
constexpr std::uint32_t trackTag = 0x57; // number ‖ D ‖ ...
constexpr std::uint32_t expiryTag = 0x5F24;
constexpr std::uint16_t electronicCashTag = 0x9F79;
constexpr std::uint8_t filler = 0x0F;
constexpr std::uint8_t separator = 0x0D;

constexpr StatusWord fileNotFound = 0x6A82;
constexpr StatusWord recordNotFound = 0x6A83;
constexpr StatusWord securityNotSatisfied = 0x6982;
constexpr StatusWord conditionsNotSatisfied = 0x6985;

tl::unexpected<Error> malformed(const char* what) {
    return fail(Reason::card_data_malformed, what);
}

std::uint8_t digitAt(ByteView packed, std::size_t index) {
    const auto byte = packed[index / 2];
    return index % 2 == 0 ? byte >> 4 : byte & 0x0F;
}

Result<std::uint64_t> decimal(ByteView packed) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 2 * packed.size(); ++i) {
        const auto digit = digitAt(packed, i);
        if (digit > 9)
            return malformed("not decimal");
        value = value * 10 + digit;
    }
    return value;
}

// The value of the first object with this tag; a view, so that no copy of a number is left behind.
Result<std::optional<ByteView>> valueOf(ByteView objects, std::uint32_t tag) {
    while (!objects.empty()) {
        if (objects.front() == 0) { // padding
            objects = objects.subspan(1);
            continue;
        }
        const auto header = readTlvHeader(objects);
        if (!header)
            return failWith(header);
        if (header->tag == tag)
            return objects.subspan(header->size, header->length);
        objects = objects.subspan(header->size + header->length);
    }
    return std::nullopt;
}

// The number up to `end`, masked digit by digit: the whole of it is never put together.
Result<std::string> maskedNumber(ByteView packed, std::uint8_t end) {
    constexpr std::size_t fewest = 12;
    constexpr std::size_t most = 19;
    constexpr std::size_t shownFirst = 6;
    constexpr std::size_t shownLast = 4;
    std::size_t count = 0;
    while (count < 2 * packed.size() && digitAt(packed, count) != end)
        ++count;
    if (count < fewest || count > most)
        return malformed("account number");
    std::string masked(count, '*');
    for (std::size_t i = 0; i < count; ++i) {
        const auto digit = digitAt(packed, i);
        if (digit > 9)
            return malformed("account number");
        if (i < shownFirst || i >= count - shownLast)
            masked[i] = static_cast<char>('0' + digit);
    }
    return masked;
}

// YYMMDD of this century.
Result<year_month> expiryFrom(ByteView field) {
    const auto digits = field.size() == 3 ? decimal(field) : malformed("expiry");
    if (!digits)
        return failWith(digits);
    const auto number = static_cast<unsigned>(*digits);
    const year_month expiry{std::chrono::year(static_cast<int>(2000 + number / 10000)),
                            std::chrono::month(number / 100 % 100)};
    if (!expiry.ok())
        return malformed("expiry");
    return expiry;
}

// Takes what the record tells and is not known yet.
Result<void> takeFrom(ByteView record, FinancialEvidence& evidence) {
    const auto outer = readTlvHeader(record);
    if (!outer)
        return failWith(outer);
    if (outer->tag != recordTemplate)
        return malformed("record");
    const auto objects = record.subspan(outer->size, outer->length);
    for (const auto& [tag, end] : {std::pair(numberTag, filler), std::pair(trackTag, separator)}) {
        const auto number = valueOf(objects, tag);
        if (!number)
            return failWith(number);
        if (!*number || !evidence.maskedNumber.empty())
            continue;
        auto masked = maskedNumber(**number, end);
        if (!masked)
            return failWith(masked);
        evidence.maskedNumber = std::move(*masked);
    }
    const auto field = valueOf(objects, expiryTag);
    if (!field)
        return failWith(field);
    if (!*field || evidence.expires)
        return {};
    const auto expiry = expiryFrom(**field);
    if (!expiry)
        return failWith(expiry);
    evidence.expires = *expiry;
    return {};
}

Result<void> select(Channel& channel) {
    for (const auto& id : applicationIds) {
        const auto command = Command::select(id);
        const auto response = channel.transmit(command);
        if (!response)
            return failWith(response);
        if (response->ok())
            return {};
        if (!saysNoApplication(response->status))
            return tl::unexpected(statusError(command, response->status));
    }
    return fail(Reason::application_missing, "SELECT");
}

// What a card says whose file ends there, is not there, or is read only after GPO.
bool nothingMore(StatusWord status) {
    return status == recordNotFound || status == fileNotFound || status == securityNotSatisfied ||
           status == conditionsNotSatisfied;
}

// Records of one file until number and expiry are known.
Result<void> readFile(Channel& channel, std::uint8_t sfi, FinancialEvidence& evidence) {
    for (std::uint8_t number = 1; number <= recordsPerFile; ++number) {
        if (!evidence.maskedNumber.empty() && evidence.expires)
            return {};
        const auto command = Command::readRecord(sfi, number, anyLength);
        auto response = channel.transmit(command);
        if (!response)
            return failWith(response);
        if (nothingMore(response->status))
            return {};
        if (!response->ok())
            return tl::unexpected(statusError(command, response->status));
        auto taken = takeFrom(response->data, evidence);
        wipe(response->data);
        if (!taken)
            return taken;
    }
    return {};
}

// A card without electronic cash answers a status of its own choice.
Result<std::optional<std::uint64_t>> electronicCash(Channel& channel) {
    const auto response = channel.transmit(Command::getData(electronicCashTag));
    if (!response)
        return failWith(response);
    if (!response->ok())
        return std::nullopt;
    const auto balance = valueOf(response->data, electronicCashTag);
    if (!balance)
        return failWith(balance);
    if (!*balance || (*balance)->size() != 6)
        return malformed("electronic cash");
    const auto fen = decimal(**balance);
    if (!fen)
        return failWith(fen);
    return *fen;
}

} // namespace

Result<FinancialEvidence> readFinancial(Channel& channel) {
    if (const auto selected = select(channel); !selected)
        return failWith(selected);
    FinancialEvidence evidence;
    for (const auto sfi : recordFiles)
        if (const auto read = readFile(channel, sfi, evidence); !read)
            return failWith(read);
    if (evidence.maskedNumber.empty())
        return fail(Reason::record_missing, "account number");
    const auto cash = electronicCash(channel);
    if (!cash)
        return failWith(cash);
    evidence.electronicCashFen = *cash;
    return evidence;
}

} // namespace ykt::apdu::financial
