#include "firmware/terminal/purse_payment.h"

#include "base/hex.h"

#include <algorithm>

namespace ykt::firmware::terminal {

using apdu::PurchaseKind;
using apdu::transit::BusRecord;
using apdu::transit::RecordUpdate;
using apdu::transit::TripRecord;
using policy::FareRules;

namespace {

constexpr std::uint8_t busIndustry = 0x02;

// 0000 ‖ the SAM's number, as trip records name a terminal.
ByteArray<8> tripTerminal(const ByteArray<6>& terminal) {
    ByteArray<8> out{};
    std::ranges::copy(terminal, out.begin() + 2);
    return out;
}

// A trip record has no direction: the stops of the way back are numbered from 256.
std::uint16_t stopNumber(const policy::Position& position) {
    return static_cast<std::uint16_t>(position.direction << 8 | position.station);
}
policy::Position positionOf(const TripRecord& trip) {
    return {trip.line, static_cast<std::uint8_t>(trip.station >> 8),
            static_cast<std::uint8_t>(trip.station & 0xFF)};
}

} // namespace

// A flat fare without any rule about earlier rides needs no record on the card.
bool PursePayment::remembers() const {
    const auto& rules = place_.ride.fare;
    return rules.mode == FareRules::Mode::zones || rules.retapInterval.count() > 0 ||
           rules.sameDirection.count() > 0 || rules.transferWindow.count() > 0;
}

Result<policy::CardMemory> PursePayment::memory() {
    const auto& rules = place_.ride.fare;
    policy::CardMemory memory;
    if (rules.mode == FareRules::Mode::zones) {
        const auto record = purse_.busRecord();
        if (!record)
            return failWith(record);
        onCard_ = *record;
        if (!onCard_ || onCard_->on.city != place_.ride.city) // another city's lines are not ours
            return memory;
        const bool open = onCard_->onBoard;
        const auto& stop = open ? onCard_->on : onCard_->off;
        const policy::Position position{stop.line, onCard_->direction, stop.station};
        const auto at = wallTimeOf(stop.time);
        if (at && open)
            memory.open = policy::OpenRide{*at, position, onCard_->markedFen};
        else if (at)
            memory.earlier = policy::EarlierRide{*at, position, onCard_->amountFen, false};
        return memory;
    }
    const auto trip = purse_.lastTrip();
    if (!trip)
        return failWith(trip);
    // Lines are numbered by their operator: those of another city say nothing here.
    if (!*trip || (*trip)->city != place_.ride.city)
        return memory;
    const auto whole = conceded_(rules.flatFen);
    const auto transfer = conceded_(rules.transferFen);
    if (const auto at = wallTimeOf((*trip)->time))
        memory.earlier = policy::EarlierRide{*at, positionOf(**trip), (*trip)->amountFen,
                                             whole != transfer && (*trip)->amountFen == transfer};
    return memory;
}

Result<policy::Fare> PursePayment::quote() {
    policy::CardMemory remembered;
    if (remembers()) {
        auto read = memory();
        if (!read)
            return failWith(read);
        remembered = *read;
    }
    auto fare = policy::fareFor(place_.ride.fare, remembered, place_.position, clock_.now().wall);
    if (fare)
        fare_ = *fare;
    return fare;
}

apdu::Purchase PursePayment::purchaseOf(std::uint32_t amountFen) const {
    apdu::Purchase purchase;
    purchase.kind = remembers() ? PurchaseKind::composite : PurchaseKind::simple;
    purchase.amountFen = amountFen;
    purchase.time = localTimeOf(clock_.now().wall);
    const auto number = fromHex(sam_->terminalNumber()); // twelve digits, as Sam::open made sure
    std::ranges::copy(*number, purchase.terminal.begin());
    return purchase;
}

// What is owed if nobody taps off stands in the record, what is paid now in the purchase.
BusRecord PursePayment::busRecord(const apdu::Purchase& purchase, std::uint32_t fareFen) const {
    BusRecord::Stop stop;
    stop.city = place_.ride.city;
    stop.issuer = place_.ride.acquirer;
    stop.operatorCode = place_.ride.operatorCode;
    stop.line = place_.position.line;
    stop.station = place_.position.station;
    stop.vehicle = place_.ride.vehicle;
    stop.device = tripTerminal(purchase.terminal);
    stop.time = purchase.time;
    BusRecord record;
    if (fare_.step == policy::Fare::Step::off && onCard_)
        record = *onCard_;
    record.serial = evidence_.card.shortSerial();
    record.onBoard = fare_.step == policy::Fare::Step::on;
    if (record.onBoard) {
        record.on = stop;
        record.direction = place_.position.direction;
        record.markedFen = fareFen;
    } else {
        record.off = stop;
        record.amountFen = fareFen;
    }
    return record;
}

std::vector<RecordUpdate> PursePayment::updatesFor(const apdu::Purchase& purchase,
                                                   const apdu::PurchaseStart& start,
                                                   std::uint32_t fareFen) const {
    if (purchase.kind == PurchaseKind::simple)
        return {};
    if (place_.ride.fare.mode == FareRules::Mode::zones)
        return {apdu::transit::busUpdate(busRecord(purchase, fareFen))};
    TripRecord trip;
    trip.kind = TripRecord::Kind::single;
    trip.terminal = tripTerminal(purchase.terminal);
    trip.industry = busIndustry;
    trip.line = place_.position.line;
    trip.station = stopNumber(place_.position);
    trip.operatorCode = place_.ride.operatorCode;
    trip.amountFen = purchase.amountFen;
    trip.balanceFen = start.balanceFen - purchase.amountFen;
    trip.time = purchase.time;
    trip.city = place_.ride.city;
    trip.acquirer = place_.ride.acquirer;
    return {apdu::transit::tripUpdate(trip)};
}

Result<Paid> PursePayment::pay(std::uint32_t fareFen, const offline_store::Entry& accepted) {
    const bool marked = fare_.step == policy::Fare::Step::on;
    const auto purchase = purchaseOf(fare_.owedFen + (marked ? 0 : fareFen));
    const auto start = purse_.initialise(purchase);
    if (!start)
        return failWith(start);
    if (start->balanceFen < std::uint64_t{purchase.amountFen} + (marked ? fareFen : 0))
        return fail(Reason::balance_insufficient, "purse");
    const auto serial = evidence_.card.shortSerial();
    auto sam = apdu::sam::SamPurchase::begin(*sam_, purchase, *start, evidence_.card.issuer, serial);
    if (!sam)
        return failWith(sam);
    for (const auto& update : updatesFor(purchase, *start, fareFen))
        if (const auto taken = purse_.update(update); !taken)
            return failWith(taken);
    const Debit debited{evidence_.card.issuer, serial, purchase, start->counter,
                        sam->authorisation().terminalSequence};
    return debit(debited, std::move(*sam), *start, accepted);
}

Result<Paid> PursePayment::debit(const Debit& debited, apdu::sam::SamPurchase&& purchase,
                                 const apdu::PurchaseStart& start, const offline_store::Entry& accepted) {
    std::optional sam(std::move(purchase));
    const auto intent = store_.openIntent({medium_, encodeIntent({debited, accepted}), accepted.claims});
    if (!intent)
        return failWith(intent);
    const auto proof = purse_.debit(debited.purchase, sam->authorisation());
    if (!proof) {
        sam.reset(); // what the card has to tell may take long, and other lanes wait for the SAM
        return proof.error() == Reason::debit_refused ? refused(*intent, proof.error())
                                                      : torn(*intent, proof.error());
    }
    const auto genuine = sam->confirm(proof->mac2);
    // A wrong MAC2 may hide a debit that was made, and only the card can tell: the intent stays open.
    if (!genuine && genuine.error() == Reason::card_not_genuine) {
        tornDebits_.noteOpen();
        return failWith(genuine);
    }
    if (!genuine) // paid, but the SAM could not say whether the card is genuine: it must prove itself anew
        return torn(*intent, genuine.error());
    const Made made{Evidence::answer, proof->tac, true};
    auto record = store_.settleIntent(intent->number, offline_store::Store::Purchase::made,
                                      madeEntry({debited, accepted}, made));
    if (!record) {
        tornDebits_.noteOpen();
        return failWith(record);
    }
    return Paid{std::move(**record), debited.purchase.amountFen,
                start.balanceFen - debited.purchase.amountFen};
}

// The card said no; that nothing was taken it must show.
tl::unexpected<Error> PursePayment::refused(const offline_store::Intent& intent, const Error& error) {
    const auto open = tornDebits_.settleRefused(purse_, intent);
    if (open && !*open)
        return tl::unexpected(error);
    return torn(intent, error);
}

tl::unexpected<Error> PursePayment::torn(const offline_store::Intent& intent, const Error& cause) {
    torn_ = intent.number;
    tornDebits_.noteOpen();
    return fail(Reason::debit_unfinished, std::string(nameOf(cause.reason)) + " " + cause.context);
}

} // namespace ykt::firmware::terminal
