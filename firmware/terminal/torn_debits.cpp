#include "firmware/terminal/torn_debits.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace ykt::firmware::terminal {

using apdu::transit::TransitPurse;
using offline_store::Intent;

namespace {

constexpr std::uint8_t loadType = 0x02; // of log entries; loads have a counter of their own

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

// First the proof itself; then the counter, which INITIALIZE FOR PURCHASE tells and which only a purchase
// moves; then the proof that the card gave before, which another purchase has overwritten since; then the
// log. A purchase of nothing is begun for the counter's sake and left unfinished.
Result<TornDebits::Finding> TornDebits::find(TransitPurse& purse, const DebitIntent& intent) {
    const auto& debit = intent.debit;
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
    if (intent.tac)
        return Finding{Fate::made, {Evidence::proof, intent.tac, false}};
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
    // A purchase with an earlier counter is still there, so this one would be there too. Clocks differ from
    // terminal to terminal, counters do not.
    const auto reachesBack = std::ranges::any_of(*log, [&](const apdu::transit::LogEntry& entry) {
        const auto behind = static_cast<std::uint16_t>(after(debit.counter) - entry.counter);
        return entry.type != loadType && behind != 0 && behind < 0x8000;
    });
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

// The card has one proof, of its last purchase: it is kept before the card makes another one.
Result<void> TornDebits::prove(TransitPurse& purse, const Intent& intent, DebitIntent& decoded,
                               const Made& made, const OpenSam& openSam) {
    if (made.tac && !decoded.tac) {
        decoded.tac = made.tac;
        if (auto kept = store_.amendIntent(intent, encodeIntent(decoded)); !kept)
            return kept;
    }
    return proveGenuine(purse, decoded.debit, openSam);
}

Result<std::optional<Paid>> TornDebits::settleOne(TransitPurse& purse, const Intent& intent,
                                                  const OpenSam& openSam) {
    auto decoded = decodeIntent(intent.payload);
    if (!decoded)
        return failWith(decoded);
    auto finding = find(purse, *decoded);
    if (!finding && describe(finding.error().reason).layer == Layer::wire)
        return unfinished(finding);
    if (!finding) { // the card cannot tell: the intent stays open, and the holder may go on
        spdlog::warn("a torn debit stays open: {}", explain(finding.error()));
        return std::optional<Paid>{};
    }
    if (finding->fate == Fate::unknown)
        return std::optional<Paid>{};
    if (finding->fate == Fate::not_made)
        return close(intent, *decoded, std::nullopt).map([](auto&&) { return std::optional<Paid>{}; });
    auto& made = finding->made;
    made.admitted = withinWindow(intent);
    if (made.admitted)
        if (const auto genuine = prove(purse, intent, *decoded, made, openSam); !genuine)
            return unfinished(genuine);
    auto record = close(intent, *decoded, made);
    if (!record)
        return failWith(record);
    if (!made.admitted)
        return std::optional<Paid>{};
    return std::optional(Paid{std::move(**record), decoded->debit.purchase.amountFen, std::nullopt});
}

// What upstream knows as unresolved is told how it ended; what was not made and never told leaves no record.
Result<std::optional<offline_store::Record>>
TornDebits::close(const Intent& intent, const DebitIntent& decoded, const std::optional<Made>& made) {
    using Purchase = offline_store::Store::Purchase;
    const std::lock_guard lock(mutex_);
    std::optional<offline_store::Entry> entry;
    if (reported(intent))
        entry = settledLateEntry(decoded, made);
    else if (made)
        entry = madeEntry(decoded, *made);
    auto record = store_.settleIntent(intent.number, made ? Purchase::made : Purchase::not_made, entry);
    if (record && *record)
        recorded_();
    return record;
}

// As it is now: another lane may have told upstream meanwhile.
bool TornDebits::reported(const Intent& intent) {
    const auto now = store_.intentsOf(intent.medium);
    if (!now)
        return intent.reported;
    const auto found = std::ranges::find(*now, intent.number, &Intent::number);
    return found == now->end() ? intent.reported : found->reported;
}

Result<bool> TornDebits::settleRefused(TransitPurse& purse, const Intent& intent) {
    const auto decoded = decodeIntent(intent.payload);
    if (!decoded)
        return failWith(decoded);
    const auto finding = find(purse, *decoded);
    if (!finding || finding->fate != Fate::not_made)
        return true; // said no, and yet cannot show that nothing was taken: the intent stays open
    return close(intent, *decoded, std::nullopt).map([](auto&&) { return false; });
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
    const std::lock_guard lock(mutex_);
    if (reported(intent))
        return;
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
