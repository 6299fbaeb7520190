#include "firmware/terminal/torn_debits.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace ykt::firmware::terminal {

using apdu::transit::TransitPurse;
using offline_store::Intent;

namespace {

std::uint16_t after(std::uint16_t counter) {
    return static_cast<std::uint16_t>(counter + 1);
}

// What a card that left does not say is not known.
template <typename T>
tl::unexpected<Error> unfinished(const Result<T>& result) {
    const auto& cause = result.error();
    if (describe(cause.reason).layer != Layer::wire)
        return failWith(result);
    return fail(Reason::debit_unfinished, std::string(nameOf(cause.reason)) + " " + cause.context);
}

} // namespace

// First the proof itself; then the counter, which INITIALIZE FOR PURCHASE tells and which only a purchase or
// a load moves; then the log. A purchase of nothing is begun for the counter's sake and left unfinished.
Result<TornDebits::Finding> TornDebits::find(TransitPurse& purse, const Debit& debit) {
    const auto proof = purse.proof(debit.purchase.kind, after(debit.counter));
    if (!proof)
        return failWith(proof);
    if (*proof)
        return Finding{Fate::made, {Evidence::proof, (*proof)->tac, false}};
    auto nothing = debit.purchase;
    nothing.kind = apdu::PurchaseKind::simple;
    nothing.amountFen = 0;
    const auto start = purse.initialise(nothing);
    if (!start)
        return failWith(start);
    if (start->counter == debit.counter)
        return Finding{Fate::not_made, {}};
    return findInLog(purse, debit);
}

Result<TornDebits::Finding> TornDebits::findInLog(TransitPurse& purse, const Debit& debit) {
    const auto log = purse.log();
    if (!log)
        return failWith(log);
    const auto stands = std::ranges::any_of(*log, [&](const apdu::transit::LogEntry& entry) {
        return entry.terminal == debit.purchase.terminal && entry.time == debit.purchase.time &&
               entry.amountFen == debit.purchase.amountFen;
    });
    if (stands)
        return Finding{Fate::made, {Evidence::log, std::nullopt, false}};
    // Entries from before this debit are still there, so it would be there too.
    const auto reachesBack = std::ranges::any_of(
        *log, [&](const apdu::transit::LogEntry& entry) { return entry.time < debit.purchase.time; });
    return Finding{reachesBack ? Fate::not_made : Fate::unknown, {}};
}

Result<std::optional<Paid>> TornDebits::settle(TransitPurse& purse, const ByteArray<32>& medium,
                                               const OpenSam& openSam) {
    const auto intents = store_.intentsOf(medium);
    if (!intents)
        return failWith(intents);
    std::optional<Paid> resumed;
    for (const auto& intent : *intents) {
        auto settled = settleOne(purse, intent, openSam);
        if (!settled)
            return failWith(settled);
        if (*settled)
            resumed = std::move(*settled);
    }
    return resumed;
}

// Anyone can answer eight bytes to 80 5A, and the SAM no longer knows the purchase that they are to prove. A
// purchase of nothing makes the card prove itself anew, with a counter that is part of the proof: it has
// moved since the debit was begun, by the debit and by attempts to prove it like this one.
Result<void> TornDebits::proveGenuine(TransitPurse& purse, const Debit& debit, const OpenSam& openSam) const {
    constexpr std::uint16_t mostMoves = 8;
    const auto sam = openSam();
    if (!sam)
        return failWith(sam);
    auto nothing = debit.purchase;
    nothing.kind = apdu::PurchaseKind::simple;
    nothing.amountFen = 0;
    nothing.time = localTimeOf(clock_.now().wall);
    const auto start = purse.initialise(nothing);
    if (!start)
        return failWith(start);
    const auto moved = static_cast<std::uint16_t>(start->counter - debit.counter);
    if (moved == 0 || moved > mostMoves)
        return fail(Reason::card_not_genuine, "the counter contradicts the proof");
    auto purchase = apdu::sam::SamPurchase::begin(**sam, nothing, *start, debit.issuer, debit.serial);
    if (!purchase)
        return failWith(purchase);
    const auto proof = purse.debit(nothing, purchase->authorisation());
    if (!proof)
        return failWith(proof);
    return purchase->confirm(proof->mac2);
}

Result<std::optional<Paid>> TornDebits::settleOne(TransitPurse& purse, const Intent& intent,
                                                  const OpenSam& openSam) {
    using Purchase = offline_store::Store::Purchase;
    const auto decoded = decodeIntent(intent.payload);
    if (!decoded)
        return failWith(decoded);
    auto finding = find(purse, decoded->debit);
    if (!finding)
        return unfinished(finding);
    if (finding->fate == Fate::unknown)
        return std::optional<Paid>{};
    const bool made = finding->fate == Fate::made;
    finding->made.admitted = made && withinWindow(intent);
    if (finding->made.admitted)
        if (const auto genuine = proveGenuine(purse, decoded->debit, openSam); !genuine)
            return unfinished(genuine);
    std::optional<offline_store::Entry> entry;
    if (intent.reported)
        entry = settledLateEntry(*decoded, made ? std::optional(finding->made) : std::nullopt);
    else if (made)
        entry = madeEntry(*decoded, finding->made);
    auto record = store_.settleIntent(intent.number, made ? Purchase::made : Purchase::not_made, entry);
    if (!record)
        return failWith(record);
    if (!*record)
        return std::optional<Paid>{};
    recorded_();
    if (!finding->made.admitted)
        return std::optional<Paid>{};
    return std::optional(Paid{std::move(**record), decoded->debit.purchase.amountFen, std::nullopt});
}

Result<bool> TornDebits::settleRefused(TransitPurse& purse, const Intent& intent) {
    const auto decoded = decodeIntent(intent.payload);
    if (!decoded)
        return failWith(decoded);
    const auto finding = find(purse, decoded->debit);
    if (!finding || finding->fate != Fate::not_made)
        return true; // said no, and yet cannot show that nothing was taken: the intent stays open
    const auto settled =
        store_.settleIntent(intent.number, offline_store::Store::Purchase::not_made, std::nullopt);
    if (!settled)
        return failWith(settled);
    return false;
}

bool TornDebits::withinWindow(const Intent& intent) const {
    const auto now = clock_.now();
    return intent.opened.boot == now.boot && now.monotonic - intent.opened.monotonic <= window_;
}

void TornDebits::giveUp(std::uint64_t number) {
    const auto intents = store_.openIntents();
    if (!intents)
        return spdlog::error("torn debits: {}", explain(intents.error()));
    for (const auto& intent : *intents)
        if (intent.number == number && !intent.reported)
            report(intent);
}

void TornDebits::reportOverdue() {
    if (!mayBeOpen_.exchange(false))
        return;
    const auto intents = store_.openIntents();
    if (!intents) {
        mayBeOpen_ = true;
        return spdlog::error("torn debits: {}", explain(intents.error()));
    }
    for (const auto& intent : *intents) {
        if (intent.reported)
            continue;
        if (withinWindow(intent))
            mayBeOpen_ = true;
        else
            report(intent);
    }
}

void TornDebits::report(const Intent& intent) {
    const auto decoded = decodeIntent(intent.payload);
    if (!decoded)
        return spdlog::error("torn debits: {}", explain(decoded.error()));
    const auto record = store_.reportIntent(intent.number, unresolvedEntry(*decoded));
    if (record)
        return recorded_();
    if (record.error() == Reason::record_not_found) // its card settled it meanwhile
        return;
    mayBeOpen_ = true;
    spdlog::error("torn debits: {}", explain(record.error()));
}

} // namespace ykt::firmware::terminal
