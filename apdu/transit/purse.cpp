#include "apdu/transit/purse.h"

#include "apdu/sam/lock.h"
#include "apdu/tlv.h"
#include "apdu/transit/layout.h"

#include <algorithm>

namespace ykt::apdu::transit {
namespace {

constexpr ByteArray<8> partialApplicationId{0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x05};
constexpr std::uint32_t fileControlInformation = 0x6F;
constexpr std::uint32_t dedicatedFileName = 0x84;
constexpr std::uint32_t issuerDiscretionary = 0x9F0C;

constexpr std::uint8_t logEntries = 10;
// Of the purchase key; that it is this one is inferred. A card without it answers 9403.
constexpr std::uint8_t purchaseKeyIndex = 0x01;
constexpr std::size_t startSize = 15; // of the answer to 80 50
constexpr std::size_t macSize = 4;    // of a TAC too
// The highest bit of a balance is not part of it (docs/transit-purse.md).
constexpr std::uint32_t balanceMask = 0x7FFFFFFF;

tl::unexpected<Error> malformed(const char* what) {
    return fail(Reason::card_data_malformed, what);
}

std::uint32_t balanceFrom(ByteView field) {
    return static_cast<std::uint32_t>(readBigEndian(field)) & balanceMask;
}

ByteArray<macSize> macFrom(ByteView answer, std::size_t offset) {
    ByteArray<macSize> mac{};
    std::ranges::copy(answer.subspan(offset, macSize), mac.begin());
    return mac;
}

// Warnings, and errors of memory (ISO/IEC 7816-4, 5.1.3): after them only the card knows what it took.
bool memoryMayHaveChanged(StatusWord status) {
    const auto kind = status >> 8;
    return kind == 0x62 || kind == 0x63 || kind == 0x65;
}

// File 15, if the FCI carries it; an FCI of another application is none of a purse.
Result<std::optional<Bytes>> publicFileFrom(ByteView fci) {
    if (fci.empty())
        return std::nullopt;
    const auto objects = parseTlv(fci);
    if (!objects)
        return failWith(objects);
    const auto* name = findTlv(*objects, dedicatedFileName);
    if (findTlv(*objects, fileControlInformation) == nullptr || name == nullptr)
        return fail(Reason::tlv_malformed, "not an FCI");
    const auto beginning =
        ByteView(name->value).first(std::min(name->value.size(), partialApplicationId.size()));
    if (!std::ranges::equal(beginning, partialApplicationId))
        return fail(Reason::application_missing, "another application was selected");
    const auto* file = findTlv(*objects, issuerDiscretionary);
    if (file == nullptr || file->value.size() != publicFile.size)
        return std::nullopt;
    return file->value;
}

// nullopt: no such record or file, or one that was never written.
template <typename T>
Result<std::optional<T>> readRecord(Channel& channel, const FileLayout& file, std::uint8_t number,
                                    Result<T> (&from)(ByteView)) {
    const auto record = channel.require(Command::readRecord(file.sfi, number, file.size));
    if (!record && (record.error() == Reason::record_missing || record.error() == Reason::file_missing))
        return std::nullopt;
    if (!record)
        return failWith(record);
    if (record->size() == file.size && isEmpty(*record))
        return std::nullopt;
    auto value = from(*record);
    if (!value)
        return failWith(value);
    return std::optional<T>(std::move(*value));
}

Result<Bytes> readFile(Channel& channel, const FileLayout& file) {
    return channel.require(Command::readBinary(file.sfi, 0, file.size));
}

} // namespace

Result<PurseEvidence> TransitPurse::open() {
    const auto select = Command::select(partialApplicationId);
    const auto response = channel_.transmit(select);
    if (!response)
        return failWith(response);
    if (saysNoApplication(response->status))
        return fail(Reason::application_missing, "SELECT");
    if (!response->ok())
        return tl::unexpected(statusError(select, response->status));
    auto carried = publicFileFrom(response->data);
    if (!carried)
        return failWith(carried);
    auto file15 = *carried ? Result<Bytes>(std::move(**carried)) : readFile(channel_, publicFile);
    if (!file15)
        return failWith(file15);
    auto card = publicInformationFrom(*file15);
    if (!card)
        return failWith(card);
    const auto file17 = readFile(channel_, managementFile);
    if (!file17)
        return failWith(file17);
    const auto management = managementInformationFrom(*file17);
    if (!management)
        return failWith(management);
    return PurseEvidence{*card, *management};
}

Result<std::uint32_t> TransitPurse::balance() {
    const auto answer = channel_.require(Command::getBalance());
    if (!answer)
        return failWith(answer);
    if (answer->size() != 4)
        return malformed("balance");
    return balanceFrom(*answer);
}

Result<PurchaseStart> TransitPurse::initialise(const Purchase& purchase) {
    const std::uint8_t form = purchase.kind == PurchaseKind::composite ? 0x03 : 0x01;
    const auto answer = channel_.require(
        Command::initialiseForPurchase(form, purchaseKeyIndex, purchase.amountFen, purchase.terminal));
    if (!answer)
        return failWith(answer);
    if (answer->size() != startSize)
        return malformed("start of purchase");
    const ByteView fields(*answer);
    PurchaseStart start;
    start.balanceFen = balanceFrom(fields.first(4));
    start.counter = static_cast<std::uint16_t>(readBigEndian(fields.subspan(4, 2)));
    start.overdraftFen = static_cast<std::uint32_t>(readBigEndian(fields.subspan(6, 3)));
    start.keyVersion = fields[9];
    start.algorithm = fields[10];
    std::ranges::copy(fields.subspan(11), start.random.begin());
    return start;
}

Result<void> TransitPurse::update(const RecordUpdate& update) {
    const auto taken = channel_.require(Command::updateRecord(update.sfi, update.recordId, update.content));
    if (!taken)
        return failWith(taken);
    return {};
}

Result<DebitProof> TransitPurse::debit(const Purchase& purchase, const PurchaseAuthorisation& authorisation) {
    const auto command =
        Command::debitForPurchase(authorisation.terminalSequence, purchase.time, authorisation.mac1);
    const auto sentBefore = channel_.exchanges();
    const auto answer = channel_.transmit(command);
    if (!answer)
        return failWith(answer);
    if (answer->ok()) {
        if (answer->data.size() != 2 * macSize)
            return malformed("debit");
        return DebitProof{macFrom(answer->data, 0), macFrom(answer->data, macSize)};
    }
    const bool atOnce = channel_.exchanges() == sentBefore + 1;
    if (!atOnce || !answer->data.empty() || memoryMayHaveChanged(answer->status))
        return malformed("debit: neither yes nor no");
    return fail(Reason::debit_refused, statusError(command, answer->status).context);
}

Result<std::optional<DebitProof>> TransitPurse::proof(PurchaseKind kind, std::uint16_t counterAfter) {
    const auto sentBefore = channel_.exchanges();
    const auto answer =
        channel_.transmit(Command::getTransactionProof(static_cast<std::uint8_t>(kind), counterAfter));
    if (!answer)
        return failWith(answer);
    if (answer->ok() && answer->data.size() == 2 * macSize) // the other way round than 80 54
        return DebitProof{macFrom(answer->data, macSize), macFrom(answer->data, 0)};
    const bool atOnce = channel_.exchanges() == sentBefore + 1;
    if (answer->ok() || !answer->data.empty() || !atOnce)
        return malformed("proof: neither yes nor no");
    return std::nullopt;
}

Result<std::vector<LogEntry>> TransitPurse::log() {
    std::vector<LogEntry> entries;
    for (std::uint8_t number = 1; number <= logEntries; ++number) {
        const auto entry = readRecord(channel_, logFile, number, logEntryFrom);
        if (!entry)
            return failWith(entry);
        if (!*entry)
            break;
        entries.push_back(**entry);
    }
    return entries;
}

Result<std::optional<TripRecord>> TransitPurse::lastTrip() {
    return readRecord(channel_, tripFile, 1, tripRecordFrom);
}

Result<std::optional<BusRecord>> TransitPurse::busRecord() {
    return readRecord(channel_, compositeFile, busRecordNumber, busRecordFrom);
}

Result<void> TransitPurse::lock(sam::Sam& sam, const PurseEvidence& evidence) {
    ByteArray<4> challenge{};
    const auto random = channel_.require(Command::getChallenge(challenge.size()));
    if (!random)
        return failWith(random);
    if (random->size() != challenge.size())
        return malformed("challenge");
    std::ranges::copy(*random, challenge.begin());
    const auto mac =
        sam::applicationLockMac(sam, evidence.card.issuer, evidence.card.shortSerial(), challenge);
    if (!mac)
        return failWith(mac);
    const auto locked = channel_.require(Command::applicationLock(*mac));
    if (!locked)
        return failWith(locked);
    return {};
}

} // namespace ykt::apdu::transit
