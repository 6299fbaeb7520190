// In which order passes are done, and which still fit into the time of a frame.
#pragma once

#include "qr/passes.h"

namespace ykt::qr {

// Cheap passes come first, then the costly ones; of each kind what last read a symbol goes first. A costly
// pass that read nothing goes last, so that what found no time in this frame is first in the next.
class Schedule {
  public:
    using Duration = std::chrono::duration<double, std::nano>;

    explicit Schedule(std::span<const Pass> passes);

    // As they stood when the frame began, to be walked through while `succeeded` and `failed` are told.
    [[nodiscard]] std::vector<const Pass*> order() const;

    // What the pass would probably take at so many pixels.
    [[nodiscard]] Duration expected(const Pass& pass, double pixels) const;
    void took(const Pass& pass, double pixels, Duration time);
    // There was no time for it: it is thought cheaper by and by, for what is never tried is never measured,
    // and one hiccup of the machine must not end it for good.
    void skipped(const Pass& pass);
    void succeeded(const Pass& pass);
    void failed(const Pass& pass);

  private:
    struct Entry {
        const Pass* pass;
        double nanosecondsPerPixel; // measured: follows what is dearer at once, what is cheaper slowly
    };
    std::vector<Entry>::iterator entryOf(const Pass& pass);

    std::vector<Entry> entries_;
};

} // namespace ykt::qr
