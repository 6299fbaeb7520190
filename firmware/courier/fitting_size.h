// How much to send, or to ask for, at once: learnt from what went and from what was too much. Of one thread.
#pragma once

#include <cstddef>
#include <optional>

namespace ykt::firmware::courier {

class FittingSize {
  public:
    struct Bounds {
        std::size_t least;
        std::size_t first;
        std::size_t most;
    };
    explicit FittingSize(Bounds bounds) : bounds_(bounds), size_(bounds.first) {}

    [[nodiscard]] std::size_t next() const { return size_; }

    // What became of `amount`, of at most next(). Doubles with what went, but for what was too much before:
    // that costs the way there for nothing, so it is tried again only after several have gone, and after
    // twice as many each time that it fails again.
    void went(std::size_t amount);
    void tooMuch(std::size_t amount);

  private:
    Bounds bounds_;
    std::size_t size_;
    std::optional<std::size_t> ceiling_; // the least that was too much
    unsigned patience_ = 0;              // so many go before that is tried again
    unsigned gone_ = 0;                  // of them
};

} // namespace ykt::firmware::courier
