#include "firmware/terminal/card_lane.h"

#include "firmware/identity/identify.h"

namespace ykt::firmware::terminal {
namespace {

constexpr Milliseconds eventWait{500};

bool isSamFailure(Reason reason) {
    return reason == Reason::sam_missing || reason == Reason::sam_refused || reason == Reason::sam_locked;
}

} // namespace

void CardLane::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto event = reader_->nextEvent(stop, eventWait);
        if (!event)
            continue; // cancelled: the loop's condition ends it
        if (*event)
            handle(**event);
        else
            idle();
    }
}

void CardLane::handle(const hal::CardEvent& event) {
    using Kind = hal::CardEvent::Kind;
    occupied_ = event.kind == Kind::inserted;
    readerTrouble_ = event.kind == Kind::reader_gone || event.kind == Kind::service_gone;
    switch (event.kind) {
    case Kind::inserted:
        report(std::nullopt);
        terminal_.conclude({name_, event.seen, identity::Medium::social_security_card}, readIdentity());
        return;
    case Kind::removed:
    case Kind::reader_back:
    case Kind::service_back:
        return idle();
    case Kind::reader_gone:
    case Kind::service_gone:
        if (sam_)
            sam_->forget(); // its connection may have gone the same way
        return report(event.kind == Kind::reader_gone ? Reason::reader_gone : Reason::service_gone);
    }
}

// Between holders: the light rests, and a SAM that is missing is found out before the next holder does.
void CardLane::idle() {
    terminal_.rest();
    if (readerTrouble_)
        return;
    std::optional<Reason> trouble;
    if (sam_)
        if (const auto sam = sam_->sam(); !sam)
            trouble = sam.error().reason;
    report(trouble);
}

void CardLane::report(std::optional<Reason> trouble) {
    terminal_.reportLane(name_, {.occupied = occupied_, .trouble = trouble});
}

Result<identity::VerifiedIdentity> CardLane::readIdentity() {
    const auto evidence = readEvidence();
    if (!evidence) {
        if (sam_ && isSamFailure(evidence.error().reason))
            sam_->forget();
        return failWith(evidence);
    }
    return identity::identify(*evidence, pseudonymKey_, terminal_.clock().now().wall);
}

Result<apdu::social_security::CardEvidence> CardLane::readEvidence() {
    std::shared_ptr<apdu::sam::Sam> sam;
    if (sam_) {
        auto opened = sam_->sam();
        if (!opened)
            return failWith(opened);
        sam = std::move(*opened);
    }
    auto card = reader_->connect();
    if (!card)
        return failWith(card);
    apdu::Channel channel(**card);
    return apdu::social_security::SocialSecurityCard(channel, sam.get()).read();
}

} // namespace ykt::firmware::terminal
