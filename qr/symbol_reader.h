// Frames to payloads: QR symbols only, raw bytes, by ZXing-cpp. Ours is what the engine is given to read:
// where in the frame, at which scale and contrast, in which order, and for how long.
#pragma once

#include "hal/clock.h"
#include "qr/last_frame.h"
#include "qr/schedule.h"

#include <chrono>

namespace ykt::qr {

struct Symbol {
    Bytes payload;                // the symbol's bytes as encoded, never re-coded as text
    std::array<Point, 4> corners; // clockwise from the symbol's own top left
    std::string_view pass;        // the pass that read it, by name, for tools
};

struct SymbolReaderSettings {
    std::chrono::microseconds budget{15'000}; // of one frame: no pass is begun that would probably outlast it
};

// For the frames of one camera, one after the other, by one thread. It remembers what read the last symbol,
// where that was, and which passes have not had their turn.
class SymbolReader {
  public:
    explicit SymbolReader(const hal::Clock& clock, SymbolReaderSettings settings = {});

    // All different symbols in view, at most a handful: more than one means "show one code". A frame that
    // equals the last one gets the last answer. Errors: symbol_not_found, symbol_in_parts (structured
    // append), frame_invalid (no luma, or sizes that cannot be).
    Result<std::vector<Symbol>> read(const hal::Frame& frame);

  private:
    struct Look; // at one frame

    Result<std::vector<Symbol>> look(const hal::Frame& frame);
    [[nodiscard]] std::vector<Spot> spotsOf(const hal::Frame& frame);
    void lookAtSpots(Look& look, std::span<const Spot> spots);
    void lookBlindly(Look& look);
    bool tryPass(Look& look, Schedule& schedule, const Pass& pass, std::span<const Spot> spots);
    void remember(const Look& look);

    const hal::Clock& clock_;
    SymbolReaderSettings settings_;
    SymbolFinder finder_;
    Workbench workbench_;
    Schedule spotSchedule_{spotPasses()};
    Schedule blindSchedule_{blindPasses()};
    LastFrame lastFrame_;
    Result<std::vector<Symbol>> lastAnswer_{};
    std::vector<Point> lastPlace_; // corners of the symbol that was read last; empty: none, or long ago
    int framesInVain_ = 0;         // since a symbol was read
    int spotsInVain_ = 0;          // frames on end with spots at which nothing was read
    bool fresh_ = true;            // nothing was looked at yet
};

} // namespace ykt::qr
