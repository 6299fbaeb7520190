#include "firmware/terminal/card_lane.h"

#include "apdu/exclusive.h"
#include "apdu/legacy/uid.h"
#include "crypto/digest.h"
#include "firmware/identity/identify.h"
#include "firmware/identity/legacy_map.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace ykt::firmware::terminal {

using apdu::social_security::ProofSource;
using apdu::social_security::SocialSecurityCard;
using apdu::transit::PurseEvidence;
using apdu::transit::TransitPurse;
using config::CardApplication;

namespace {

constexpr Milliseconds eventWait{500};
constexpr Milliseconds pinLook{100}; // how soon a card that leaves ends the wait for its PIN

bool isSamFailure(Reason reason) {
    return reason == Reason::sam_missing || reason == Reason::sam_refused || reason == Reason::sam_locked;
}

// Failures of the reader itself, which the next card will meet too.
bool isReaderTrouble(Reason reason) {
    return reason == Reason::reader_silent || reason == Reason::reader_gone ||
           reason == Reason::reader_busy || reason == Reason::service_gone;
}

// Finds the intent of a purse again, and tells nothing without the key.
ByteArray<32> intentKey(const Secret& pseudonymKey, const PurseEvidence& evidence) {
    return crypto::hmacSm3(pseudonymKey,
                           concat({asBytes("ykt-purse:"), evidence.card.issuer, evidence.card.serial}));
}

} // namespace

void CardLane::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto event = reader_->nextEvent(stop, eventWait);
        if (!event)
            continue; // cancelled: the loop's condition ends it
        if (*event)
            handle(**event, stop);
        else
            idle();
    }
    field_->leave(name_);
}

void CardLane::handle(const hal::CardEvent& event, const std::stop_token& stop) {
    using Kind = hal::CardEvent::Kind;
    trouble_.reset();
    switch (event.kind) {
    case Kind::inserted:
        occupied_ = true;
        presentation_ = {name_, event.seen, {}};
        if (field_->enter(name_)) {
            report(std::nullopt);
            present(stop);
        } else {
            conclude(fail(Reason::several_cards));
        }
        openSam_.reset();
        return report(trouble_);
    case Kind::removed:
    case Kind::reader_back:
    case Kind::service_back:
        left();
        return idle();
    case Kind::reader_gone:
    case Kind::service_gone:
        (void)lostBy(event.kind);
        return report(trouble_);
    }
}

void CardLane::left() {
    occupied_ = false;
    field_->leave(name_);
}

// Between holders: the light rests, what is overdue is told, and a SAM that is missing is found out before
// the next holder does.
void CardLane::idle() {
    parts_.terminal.rest();
    parts_.tornDebits.reportOverdue();
    if (trouble_)
        return;
    std::optional<Reason> trouble;
    if (parts_.sam && !parts_.hsm)
        if (const auto sam = parts_.sam->sam(); !sam)
            trouble = sam.error().reason;
    report(trouble);
}

void CardLane::report(std::optional<Reason> trouble) {
    parts_.terminal.reportLane(name_, {.occupied = occupied_, .trouble = trouble});
}

Outcome CardLane::conclude(const Identity& identity, const Offer& offer) {
    const auto now = parts_.terminal.clock().now().monotonic;
    auto outcome = parts_.terminal.conclude(presentation_, identity, offer);
    if (outcome.reason && parts_.sam && isSamFailure(*outcome.reason))
        parts_.sam->forget();
    if (outcome.reason && isReaderTrouble(*outcome.reason))
        trouble_ = outcome.reason;
    const bool mayTryAgain = outcome.signal == hal::Signal::again || outcome.signal == hal::Signal::fault;
    if (identity && !mayTryAgain)
        debounce_.concluded(identity->mediumId, now);
    return outcome;
}

// -- the selection scenario: the first application of the profile that the card has is used
void CardLane::present(const std::stop_token& stop) {
    auto card = reader_->connect();
    if (!card) {
        conclude(failWith(card));
        return;
    }
    for (const auto application : parts_.cards.applications)
        if (presentTo(application, **card, stop))
            return;
    presentation_.medium.reset();
    conclude(fail(Reason::application_missing, "none of the profile's applications"));
}

bool CardLane::presentTo(CardApplication application, hal::CardConnection& card,
                         const std::stop_token& stop) {
    apdu::Channel channel(card);
    switch (application) {
    case CardApplication::transit_purse:
        presentation_.medium = identity::Medium::transit_purse;
        return presentPurse(channel);
    case CardApplication::social_security:
        presentation_.medium = identity::Medium::social_security_card;
        return presentSocialSecurity(channel, stop);
    case CardApplication::legacy_uid:
        break;
    }
    presentation_.medium = identity::Medium::legacy_card;
    return presentLegacy(channel);
}

// -- transit purse
bool CardLane::presentPurse(apdu::Channel& channel) {
    const auto exclusive = apdu::Exclusive::begin(channel.card());
    if (!exclusive) {
        conclude(failWith(exclusive));
        return true;
    }
    TransitPurse purse(channel);
    const auto evidence = purse.open();
    if (!evidence && evidence.error() == Reason::application_missing)
        return false;
    if (!evidence) {
        conclude(failWith(evidence));
        return true;
    }
    const auto medium = intentKey(parts_.pseudonymKey, *evidence);
    const auto identity =
        identity::identify(*evidence, parts_.pseudonymKey, parts_.terminal.clock().now().wall);
    if (settleTorn(purse, medium, identity))
        return true;
    if (!identity)
        conclude(identity);
    else if (!debounce_.bounces(identity->mediumId, parts_.terminal.clock().now().monotonic))
        ride(purse, *evidence, medium, *identity);
    return true;
}

// What this card left open is settled before anything else is asked of it; true when that was the ride that
// its holder is waiting for, or when the card left again.
bool CardLane::settleTorn(TransitPurse& purse, const ByteArray<32>& medium, const Identity& identity) {
    const auto now = parts_.terminal.clock().now().monotonic;
    auto resumed = parts_.tornDebits.settle(purse, medium, [this] { return openedSam(); });
    if (!resumed) {
        conclude(failWith(resumed));
        return true;
    }
    const auto waitedFor = std::exchange(tornIntent_, std::nullopt);
    if (*resumed) {
        if (const auto left = purse.balance())
            (*resumed)->balance = *left;
        parts_.terminal.resume(presentation_, **resumed);
        if (identity)
            debounce_.concluded(identity->mediumId, now);
        return true;
    }
    if (waitedFor) // it was another card, or this one came too late
        parts_.tornDebits.giveUp(*waitedFor);
    return false;
}

Result<std::shared_ptr<apdu::sam::Sam>> CardLane::openedSam() {
    if (!parts_.sam)
        return fail(Reason::sam_missing, "purchases need a SAM");
    return parts_.sam->sam();
}

void CardLane::ride(TransitPurse& purse, const PurseEvidence& evidence, const ByteArray<32>& medium,
                    const identity::VerifiedIdentity& identity) {
    auto sam = openedSam();
    if (!sam) {
        conclude(failWith(sam));
        return;
    }
    const auto conceded = [catalogue = parts_.terminal.catalogue().catalogue, &identity,
                           id = parts_.terminal.service().serviceId](std::uint32_t fullFareFen) {
        const auto* service = catalogue ? catalogue->find(id) : nullptr;
        return service ? policy::fareAfterConcession(*service, identity.holderClass, fullFareFen)
                       : fullFareFen;
    };
    auto place = parts_.ride;
    place.fare = parts_.terminal.publishedFare().value_or(place.fare);
    PursePayment payment(purse, evidence, *sam, parts_.terminal.store(), parts_.tornDebits,
                         parts_.terminal.clock(), {place, parts_.terminal.position()}, conceded, medium);
    const auto fare = payment.quote();
    if (!fare && describe(fare.error().reason).layer != Layer::rule) {
        conclude(failWith(fare));
        return;
    }
    Offer offer;
    offer.payment = &payment;
    if (fare)
        offer.fareFen = fare->step == policy::Fare::Step::on ? fare->markedFen : fare->fen;
    else
        offer.objection = fare.error();
    if (parts_.cards.lockListedPurses)
        lockIfListed(purse, evidence, identity);
    conclude(identity, offer);
    tornIntent_ = payment.tornIntent();
}

// Before its holder is told anything, who would take it away.
void CardLane::lockIfListed(TransitPurse& purse, const PurseEvidence& evidence,
                            const identity::VerifiedIdentity& identity) {
    const auto listed = parts_.terminal.store().isRevoked(
        offline_store::revocationKey(identity::nameOf(identity.medium), identity.mediumId.reveal()));
    if (!listed || !*listed)
        return;
    const auto sam = openedSam();
    const auto locked = sam ? purse.lock(**sam, evidence) : failWith(sam);
    parts_.terminal.recordPurseLock(presentation_, identity, locked);
}

// -- social security application
Result<ProofSource*> CardLane::proofs() {
    if (parts_.sam) {
        auto sam = parts_.sam->sam();
        if (sam) {
            openSam_ = std::move(*sam);
            return openSam_.get();
        }
        if (!parts_.hsm)
            return failWith(sam);
    }
    return parts_.hsm;
}

bool CardLane::presentSocialSecurity(apdu::Channel& channel, const std::stop_token& stop) {
    const auto source = proofs();
    if (!source) {
        conclude(failWith(source));
        return true;
    }
    SocialSecurityCard card(channel, *source, {.sm4 = parts_.cards.sm4});
    const auto evidence = card.read();
    if (!evidence && evidence.error() == Reason::application_missing)
        return false;
    if (!evidence) {
        conclude(failWith(evidence));
        return true;
    }
    auto identity = identity::identify(*evidence, parts_.pseudonymKey, parts_.terminal.clock().now().wall);
    if (identity && debounce_.bounces(identity->mediumId, parts_.terminal.clock().now().monotonic))
        return true;
    if (identity && needsPin())
        identity = withPin(card, std::move(*identity), stop);
    conclude(identity);
    return true;
}

bool CardLane::needsPin() const {
    const auto catalogue = parts_.terminal.catalogue().catalogue;
    const auto* service = catalogue ? catalogue->find(parts_.terminal.service().serviceId) : nullptr;
    return service && service->minimumAssurance == identity::Assurance::authenticated_with_pin;
}

// The tries are read first, and the PIN is sent once: what it does to the counter is never done twice by
// itself. No card is held exclusively while a person types.
CardLane::Identity CardLane::withPin(SocialSecurityCard& card, identity::VerifiedIdentity identity,
                                     const std::stop_token& stop) {
    if (identity.assurance != identity::Assurance::authenticated)
        return identity; // the rules will say that it is too low
    const auto left = card.pinTriesLeft();
    if (!left)
        return failWith(left);
    if (*left == 0)
        return fail(Reason::pin_blocked, "no tries left");
    auto pin = awaitPin(stop);
    if (!pin)
        return failWith(pin);
    if (const auto verified = card.verifyPin(*pin); !verified)
        return failWith(verified);
    identity.assurance = identity::Assurance::authenticated_with_pin;
    return identity;
}

// What a wait that took the event makes of it.
Reason CardLane::lostBy(hal::CardEvent::Kind kind) {
    using Kind = hal::CardEvent::Kind;
    left();
    if (kind != Kind::reader_gone && kind != Kind::service_gone)
        return Reason::card_gone;
    if (parts_.sam)
        parts_.sam->forget(); // its connection may have gone the same way
    trouble_ = kind == Kind::reader_gone ? Reason::reader_gone : Reason::service_gone;
    return *trouble_;
}

Result<Secret> CardLane::awaitPin(const std::stop_token& stop) {
    PinEntry::Asking asking(parts_.terminal.pinEntry(), parts_.cards.pinEntry);
    if (!asking.granted())
        return fail(Reason::pin_entry_timeout, "another lane is asking");
    parts_.terminal.conclude(presentation_, fail(Reason::pin_needed));
    const auto deadline = parts_.terminal.clock().now().monotonic + parts_.cards.pinEntry;
    while (!stop.stop_requested() && parts_.terminal.clock().now().monotonic < deadline) {
        if (auto pin = asking.wait(pinLook))
            return std::move(*pin);
        const auto event = reader_->nextEvent(stop, Milliseconds::zero());
        if (event && *event && (*event)->kind != hal::CardEvent::Kind::inserted)
            return fail(lostBy((*event)->kind), "while the PIN was typed");
    }
    return fail(stop.stop_requested() ? Reason::cancelled : Reason::pin_entry_timeout, "PIN");
}

// -- legacy cards
bool CardLane::presentLegacy(apdu::Channel& channel) {
    if (reader_->info().kind != hal::SlotKind::contactless)
        return false;
    const auto uid = apdu::legacy::readUid(channel);
    if (!uid && uid.error() == Reason::application_missing)
        return false;
    if (!uid) {
        conclude(failWith(uid));
        return true;
    }
    const auto now = parts_.terminal.clock().now();
    const auto holder =
        parts_.terminal.legacyMap()->find(identity::legacyDigest(parts_.pseudonymKey, uid->reveal()));
    const auto identity = holder ? identity::identify(*holder, now.wall) : failWith(holder);
    if (!identity || !debounce_.bounces(identity->mediumId, now.monotonic))
        conclude(identity);
    return true;
}

} // namespace ykt::firmware::terminal
