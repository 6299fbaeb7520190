#include "apdu/trace.h"

#include "apdu/trace_text.h"

#include <ostream>

namespace ykt::apdu {

TracedConnection::TracedConnection(hal::CardConnection& card, std::ostream& out, const hal::Clock* clock)
    : card_(card), out_(out), clock_(clock) {
    if (clock_ != nullptr)
        began_ = clock_->now().monotonic;
    out_ << traceHead(maskedAtr(card_.atr())) << std::flush;
}

TraceStep TracedConnection::begin(TraceStep::Kind kind) const {
    TraceStep step{.kind = kind, .ms = {}, .command = {}, .answer = {}, .failure = {}};
    if (clock_ != nullptr) {
        const auto since = std::chrono::floor<Milliseconds>(clock_->now().monotonic - began_);
        step.ms = static_cast<std::uint32_t>(since.count());
    }
    return step;
}

Result<Bytes> TracedConnection::transmit(ByteView command) {
    auto step = begin(TraceStep::Kind::exchange);
    step.command = masking_.command(command);
    auto answer = card_.transmit(command);
    if (answer)
        step.answer = masking_.answer(*answer);
    else
        step.failure = answer.error().reason;
    out_ << lineOf(step) << std::flush;
    return answer;
}

Result<void> TracedConnection::reset() {
    auto step = begin(TraceStep::Kind::reset);
    masking_.reset();
    auto done = card_.reset();
    if (!done)
        step.failure = done.error().reason;
    out_ << lineOf(step) << std::flush;
    return done;
}

} // namespace ykt::apdu
