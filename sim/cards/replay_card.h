// A card that answers what another one once answered: a trace (docs/trace.md) played back.
#pragma once

#include "apdu/trace.h"
#include "sim/cards/card_software.h"

#include <atomic>
#include <filesystem>
#include <memory>

namespace ykt::sim {

// Commands must come as in the trace: of the same length, and with the bytes that it shows (what it masks may
// be anything). Then the trace's answer is given, its masked bytes filled with 30; where the exchange had
// failed, the card stays mute. Any other command, also after the end, is answered 6F00, moves nothing, and
// counts as a divergence. A reset that the trace does not have begins it again.
class ReplayCard : public CardSoftware {
  public:
    explicit ReplayCard(apdu::Trace trace) : trace_(std::move(trace)) {}

    // Errors: config_unreadable (no such file, or over apdu::maxTraceBytes), and those of apdu::parseTrace.
    static Result<std::shared_ptr<ReplayCard>> load(const std::filesystem::path& file);

    [[nodiscard]] Bytes atr() const override { return apdu::filled(trace_.atr); }
    std::optional<Bytes> answer(ByteView command) override;
    void reset() override;

    // Any thread may ask.
    [[nodiscard]] std::size_t divergences() const { return divergences_; }
    // Whether all exchanges of the trace were made.
    [[nodiscard]] bool finished() const { return next_ == trace_.steps.size(); }

  private:
    apdu::Trace trace_;
    std::atomic<std::size_t> next_ = 0; // step
    std::atomic<std::size_t> divergences_ = 0;
};

} // namespace ykt::sim
