#include "firmware/terminal/code_lane.h"

#include "crypto/digest.h"
#include "firmware/identity/identify.h"

#include <condition_variable>
#include <spdlog/spdlog.h>

namespace ykt::firmware::terminal {
namespace {

constexpr Milliseconds frameWait{500};

identity::Medium mediumOf(qr::CodeFormat format) {
    switch (format) {
    case qr::CodeFormat::transit_code:
        return identity::Medium::transit_code;
    case qr::CodeFormat::fusion_code:
        return identity::Medium::fusion_code;
    case qr::CodeFormat::electronic_card_code:
        break;
    }
    return identity::Medium::electronic_card_code;
}

} // namespace

void CodeLane::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto frame = camera_->nextFrame(stop, frameWait);
        if (!frame) {
            recover(frame.error(), stop);
            continue;
        }
        terminal_.reportLane(name_, {});
        if (*frame)
            look(**frame);
        else
            terminal_.rest();
    }
}

// A bad frame is passed over; a camera that is gone is asked again after a while.
void CodeLane::recover(const Error& error, const std::stop_token& stop) {
    if (error.reason == Reason::frame_invalid)
        spdlog::warn("{}: {}", name_, explain(error));
    if (error.reason != Reason::camera_gone)
        return;
    terminal_.reportLane(name_, {.occupied = false, .trouble = error.reason});
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, frameWait, [] { return false; });
}

void CodeLane::look(const hal::Frame& frame) {
    const auto symbols = reader_.read(frame);
    if (!symbols)
        return; // most frames hold nothing
    if (symbols->size() > 1) {
        Bytes both;
        for (const auto& symbol : *symbols)
            both = concat({both, symbol.payload});
        if (isNew(crypto::sha256(both), frame.taken))
            terminal_.conclude({name_, frame.taken, std::nullopt}, fail(Reason::several_symbols));
        return;
    }
    present(symbols->front().payload, frame.taken);
}

void CodeLane::present(ByteView payload, MonotonicTime seen) {
    if (!isNew(crypto::sha256(payload), seen))
        return;
    Presentation presentation{name_, seen, std::nullopt};
    const auto identity = verify(payload, presentation);
    terminal_.conclude(presentation, identity);
}

Result<identity::VerifiedIdentity> CodeLane::verify(ByteView payload, Presentation& presentation) {
    if (const auto kind = qr::recognise(payload); kind.format)
        presentation.medium = mediumOf(*kind.format);
    const auto now = terminal_.clock().now().wall;
    const auto evidence = terminal_.codeVerifier()->verify(payload, now, terminal_.service().fareFen);
    if (!evidence)
        return failWith(evidence);
    return identity::identify(*evidence, payload, pseudonymKey_, false, now);
}

bool CodeLane::isNew(const ByteArray<32>& digest, MonotonicTime seen) {
    const bool same = lastSeen_ && digest == lastDigest_ && seen - *lastSeen_ < samePresentation;
    lastDigest_ = digest;
    lastSeen_ = seen;
    return !same;
}

} // namespace ykt::firmware::terminal
