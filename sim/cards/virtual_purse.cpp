#include "sim/cards/virtual_purse.h"

#include "crypto/random.h"
#include "sim/cards/purse_personalisation.h"
#include "sim/cards/status.h"

#include <algorithm>
#include <limits>

namespace ykt::sim {
namespace {

constexpr std::uint8_t simpleType = 0x06;
constexpr std::uint8_t compositeType = 0x09;
constexpr std::uint8_t purseReference = 0x02; // P2: the purse, not the passbook
constexpr std::size_t proofSize = 8;

apdu::Response refused(apdu::StatusWord status) {
    return {{}, status};
}

Bytes bigEndian(std::uint64_t value, std::size_t size) {
    Bytes out;
    appendBigEndian(out, value, size);
    return out;
}

std::uint32_t amountOf(ByteView bytes) {
    return static_cast<std::uint32_t>(readBigEndian(bytes));
}

// A wrong Le is refused before the card acts, so that the command can be sent again.
std::optional<apdu::Response> wrongExpected(const apdu::Command& command, std::size_t size) {
    if (!command.expected || *command.expected == size || *command.expected == 256)
        return std::nullopt;
    return refused(static_cast<apdu::StatusWord>(status::exactLengthIs | size));
}

std::uint32_t spendable(const PurseState& state) {
    return static_cast<std::uint32_t>(state.balanceFen + state.overdraftFen);
}

} // namespace

PurseState VirtualPurse::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

std::optional<apdu::Response> VirtualPurse::execute(const apdu::Command& command, Directory& application,
                                                    SecurityState& session) {
    const auto instruction = command.cla << 8 | command.ins;
    if (instruction == 0x80DC)
        return update(command, application);
    if (instruction == 0x8054)
        return debit(command, application);
    forgetPurchase(); // nothing but its updates may come between a purchase and its debit
    switch (instruction) {
    case 0x8050:
        return initialise(command);
    case 0x805A:
        return proof(command);
    case 0x805C:
        return balance(command);
    case 0x841E:
        return lockApplication(command, session);
    default:
        return std::nullopt;
    }
}

// P1 00 counts the overdraft in; 01 its limit, 02 how much of it is used, 03 the purse alone (seen in
// terminals, docs/cards.md).
apdu::Response VirtualPurse::balance(const apdu::Command& command) const {
    if (command.p2 != purseReference)
        return refused(status::wrongP1P2);
    if (!command.data.empty())
        return refused(status::wrongLength);
    const std::int64_t used = std::max<std::int64_t>(0, -state_.balanceFen);
    switch (command.p1) {
    case 0x00:
        return {bigEndian(spendable(state_), 4), status::ok};
    case 0x01:
        return {bigEndian(state_.overdraftFen, 4), status::ok};
    case 0x02:
        return {bigEndian(static_cast<std::uint64_t>(used), 4), status::ok};
    case 0x03:
        return {bigEndian(static_cast<std::uint64_t>(state_.balanceFen + used), 4), status::ok};
    default:
        return refused(status::wrongP1P2);
    }
}

// key index(1) ‖ amount(4) ‖ terminal(6) -> balance(4) ‖ counter(2) ‖ overdraft(3) ‖ key version(1) ‖
// algorithm(1) ‖ random(4)
apdu::Response VirtualPurse::initialise(const apdu::Command& command) {
    constexpr std::size_t answerSize = 15;
    const bool composite = command.p1 == 0x03;
    if ((command.p1 != 0x01 && !composite) || command.p2 != purseReference)
        return refused(status::wrongP1P2);
    if (command.data.size() != 11)
        return refused(status::wrongLength);
    if (auto wrong = wrongExpected(command, answerSize))
        return *wrong;
    if (state_.lock != PurseLock::open)
        return refused(status::applicationLocked);
    const ByteView data(command.data);
    if (data[0] != purchaseKeyIndex)
        return refused(status::keyIndexUnknown);
    if (state_.counter == std::numeric_limits<std::uint16_t>::max())
        return refused(status::counterExhausted);
    const auto amount = amountOf(data.subspan(1, 4));
    if (amount > spendable(state_))
        return refused(status::balanceInsufficient);
    auto random = crypto::randomBytes(4);
    if (!random)
        return refused(status::internalFault);
    const auto terminal = data.subspan(5, 6);
    purchase_ = Purchase{
        composite ? compositeType : simpleType, amount, Bytes(terminal.begin(), terminal.end()), *random, {}};
    const auto header = concat(
        {bigEndian(spendable(state_), 4), bigEndian(state_.counter, 2), bigEndian(state_.overdraftFen, 3)});
    return {concat({header, Bytes{purchaseKeyVersion, purchaseAlgorithm}, *random}), status::ok};
}

// P1 record, P2 SFI: kept until the debit writes all at once.
apdu::Response VirtualPurse::update(const apdu::Command& command, Directory& application) {
    if (!purchase_ || purchase_->type != compositeType)
        return refused(status::conditionsNotSatisfied);
    if ((command.p2 & 0b111) != 0)
        return refused(status::wrongP1P2);
    const auto sfi = static_cast<std::uint8_t>(command.p2 >> 3);
    const auto* file = findFileBySfi(application, sfi);
    if (file == nullptr || (sfi != tripFile && sfi != compositeFile))
        return refused(status::fileNotFound);
    if (const auto* cyclic = std::get_if<CyclicRecords>(&file->body)) {
        if (command.p1 != 0) // the next record, whichever that is
            return refused(status::recordNotFound);
        if (command.data.size() != cyclic->recordSize)
            return refused(status::wrongLength);
    } else {
        const auto& records = std::get<VariableRecords>(file->body).records;
        if (command.p1 == 0 || command.p1 > records.size())
            return refused(status::recordNotFound);
        const auto& record = records[command.p1 - 1U];
        if (command.data.size() != record.size())
            return refused(status::wrongLength);
        if (!std::equal(record.begin(), record.begin() + 2, command.data.begin())) // another record's number
            return refused(status::wrongData);
    }
    purchase_->updates.push_back({sfi, command.p1, command.data});
    return {{}, status::ok};
}

// terminal's sequence(4) ‖ time(7) ‖ MAC1(4) -> TAC(4) ‖ MAC2(4). All is worked out before anything is
// written.
apdu::Response VirtualPurse::debit(const apdu::Command& command, Directory& application) {
    if (command.p1 != 0x01 || command.p2 != 0x00)
        return refused(status::wrongP1P2);
    if (command.data.size() != 15)
        return refused(status::wrongLength);
    if (auto wrong = wrongExpected(command, proofSize))
        return *wrong;
    if (state_.lock != PurseLock::open)
        return refused(status::applicationLocked);
    const auto purchase = std::exchange(purchase_, std::nullopt);
    if (!purchase)
        return refused(status::conditionsNotSatisfied);
    const ByteView data(command.data);
    const auto time = data.subspan(4, 7);
    auto proof = proofOf(*purchase, data.first(4), time, data.subspan(11, 4));
    if (!proof)
        return refused(proof.error() == Reason::card_not_genuine ? status::macWrong : status::internalFault);
    const auto answer = concat({proof->tac, proof->mac2});
    commit(*purchase, std::move(*proof), time, application);
    return {answer, status::ok};
}

// Errors: card_not_genuine (MAC1 is wrong), crypto_failed.
Result<VirtualPurse::Proof> VirtualPurse::proofOf(const Purchase& purchase, ByteView sequence, ByteView time,
                                                  ByteView mac1) const {
    const auto session =
        purchaseSession(keys_.purchase, purchase.random, bigEndian(state_.counter, 2), sequence);
    if (!session)
        return failWith(session);
    const auto amount = bigEndian(purchase.amountFen, 4);
    const auto what = concat({amount, Bytes{purchase.type}, purchase.terminal});
    const auto expected = purseMac(*session, concat({what, time}));
    if (!expected)
        return failWith(expected);
    if (!equalConstantTime(*expected, mac1))
        return fail(Reason::card_not_genuine, "MAC1");
    auto tac = transactionCode(keys_.transaction, concat({what, sequence, time}));
    if (!tac)
        return failWith(tac);
    auto mac2 = purseMac(*session, amount);
    if (!mac2)
        return failWith(mac2);
    return Proof{purchase.type, static_cast<std::uint16_t>(state_.counter + 1), std::move(*tac),
                 std::move(*mac2)};
}

void VirtualPurse::commit(const Purchase& purchase, Proof proof, ByteView time, Directory& application) {
    // the counter in the log is the one by which the proof is asked for: inferred (C)
    const auto entry =
        concat({bigEndian(proof.counter, 2), bigEndian(state_.overdraftFen, 3),
                bigEndian(purchase.amountFen, 4), Bytes{purchase.type}, purchase.terminal, time});
    std::get<CyclicRecords>(findFileBySfi(application, logFile)->body).append(entry);
    for (const auto& update : purchase.updates) {
        auto& body = findFileBySfi(application, update.sfi)->body;
        if (auto* cyclic = std::get_if<CyclicRecords>(&body))
            cyclic->append(update.content);
        else
            std::get<VariableRecords>(body).records[update.recordId - 1U] = update.content;
    }
    const std::lock_guard lock(mutex_);
    state_.balanceFen -= purchase.amountFen;
    state_.counter = proof.counter;
    proof_ = std::move(proof);
}

// P2 type, data: the counter after the purchase -> MAC2(4) ‖ TAC(4), the other way round than 80 54 (seen in
// terminals). Which status a card without the proof answers is nowhere said: 9406 is inferred (C).
apdu::Response VirtualPurse::proof(const apdu::Command& command) const {
    if (command.p1 != 0x00)
        return refused(status::wrongP1P2);
    if (command.data.size() != 2)
        return refused(status::wrongLength);
    if (auto wrong = wrongExpected(command, proofSize))
        return *wrong;
    if (!proof_ || proof_->type != command.p2 || proof_->counter != readBigEndian(command.data))
        return refused(status::noProof);
    return {concat({proof_->mac2, proof_->tac}), status::ok};
}

// P2 00 can be undone by the issuer, 01 cannot. The MAC covers the header from the last challenge on.
apdu::Response VirtualPurse::lockApplication(const apdu::Command& command, SecurityState& session) {
    if (command.p1 != 0x00 || command.p2 > 0x01)
        return refused(status::wrongP1P2);
    if (command.data.size() != purseMacSize)
        return refused(status::wrongLength);
    auto first = std::exchange(session.processFactor, {}); // a challenge serves once
    if (first.size() != 4)
        return refused(status::noChallenge);
    first.resize(8);
    const Bytes header{command.cla, command.ins, command.p1, command.p2, purseMacSize};
    const auto expected = maintenanceMac(keys_.maintenance, first, header);
    if (!expected)
        return refused(status::internalFault);
    if (!equalConstantTime(*expected, command.data))
        return refused(status::macWrong);
    const std::lock_guard lock(mutex_);
    state_.lock = command.p2 == 0x00 ? std::max(state_.lock, PurseLock::reversible) : PurseLock::for_good;
    return {{}, status::ok};
}

} // namespace ykt::sim
