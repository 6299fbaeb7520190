#include "firmware/terminal/card_lane.h"

#include "firmware/identity/identify.h"

namespace ykt::firmware::terminal {
namespace {

constexpr Milliseconds eventWait{500};

bool isSamFailure(Reason reason) {
    return reason == Reason::sam_missing || reason == Reason::sam_refused || reason == Reason::sam_locked;
}

} // namespace

void CardLane::run(std::stop_token stop) {
    while (!stop.stop_requested()) {
        const auto event = reader_->nextEvent(stop, eventWait);
        if (!event)
            continue; // cancelled: the loop's condition ends it
        if (*event)
            handle(**event);
        else
            terminal_.rest();
    }
}

void CardLane::handle(const hal::CardEvent& event) {
    using Kind = hal::CardEvent::Kind;
    switch (event.kind) {
    case Kind::inserted:
        terminal_.reportLane(name_, {.occupied = true, .trouble = {}});
        terminal_.conclude({name_, event.seen, identity::Medium::social_security_card}, readIdentity());
        return;
    case Kind::removed:
    case Kind::reader_back:
    case Kind::service_back:
        return terminal_.reportLane(name_, {});
    case Kind::reader_gone:
        return terminal_.reportLane(name_, {.occupied = false, .trouble = Reason::reader_gone});
    case Kind::service_gone:
        return terminal_.reportLane(name_, {.occupied = false, .trouble = Reason::service_gone});
    }
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
