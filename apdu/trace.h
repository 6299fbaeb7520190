// A session with a card as text that can be kept, sent to a colleague and replayed (docs/trace.md). What
// names a holder, a card or a key is masked byte by byte, so that lengths survive.
#pragma once

#include "apdu/trace_masking.h"
#include "hal/card_reader.h"
#include "hal/clock.h"

#include <iosfwd>
#include <string>
#include <string_view>

namespace ykt::apdu {

// One exchange, or a warm reset, and what came of it.
struct TraceStep {
    enum class Kind { exchange, reset };
    Kind kind = Kind::exchange;
    std::optional<std::uint32_t> ms; // since the session began, when the step began
    MaskedBytes command;             // a whole C-APDU; empty for a reset
    MaskedBytes answer;              // a whole R-APDU; empty for a reset, and where the step failed
    std::optional<Reason> failure;   // of the connection: card_gone and its like

    bool operator==(const TraceStep&) const = default;
};

struct Trace {
    MaskedBytes atr;
    std::vector<TraceStep> steps;

    bool operator==(const Trace&) const = default;
};

inline constexpr std::size_t maxTraceBytes = 4UL * 1024 * 1024;
inline constexpr std::size_t maxTraceLines = 65536;

// Errors: input_malformed, with the number of the line and what was expected there, never its content.
Result<Trace> parseTrace(std::string_view text);

// The text that parseTrace reads back; comments are not kept.
std::string formatTrace(const Trace& trace);

// Passes everything on to `card` and writes each step to `out` as it is done, masked. The card, the stream
// and the clock must outlive it. Failures to write show in the stream's state and do not disturb the
// exchange.
class TracedConnection final : public hal::CardConnection {
  public:
    // `clock` null: without times.
    TracedConnection(hal::CardConnection& card, std::ostream& out, const hal::Clock* clock = nullptr);

    [[nodiscard]] Bytes atr() const override { return card_.atr(); }
    Result<Bytes> transmit(ByteView command) override;
    Result<void> reset() override;
    Result<void> beginExclusive() override { return card_.beginExclusive(); }
    void endExclusive() override { card_.endExclusive(); }

  private:
    [[nodiscard]] TraceStep begin(TraceStep::Kind kind) const;

    hal::CardConnection& card_;
    std::ostream& out_;
    const hal::Clock* clock_;
    MonotonicTime began_{};
    TraceMasking masking_;
};

} // namespace ykt::apdu
