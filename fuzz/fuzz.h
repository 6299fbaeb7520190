// What all fuzz targets share: an invariant that ends the run when it does not hold, and a card that answers
// what it is told to.
#pragma once

#include "hal/card_reader.h"

#include <cstdlib>
#include <functional>

namespace ykt::fuzz {

inline void hold(bool invariant) {
    if (!invariant)
        std::abort();
}

class ScriptedCard final : public hal::CardConnection {
  public:
    using Script = std::function<Result<Bytes>(ByteView command)>;
    explicit ScriptedCard(Script script) : script_(std::move(script)) {}

    [[nodiscard]] Bytes atr() const override {
        return {0x3B, 0x6D, 0x00, 0x00, 0x00, 0x81, 0x53, 0x49, 0x4D,
                0x59, 0x4B, 0x64, 0x01, 0x00, 0x00, 0x00, 0x01};
    }
    Result<Bytes> transmit(ByteView command) override { return script_(command); }
    Result<void> reset() override { return {}; }
    Result<void> beginExclusive() override { return {}; }
    void endExclusive() override {}

  private:
    Script script_;
};

// Takes at most `count` bytes from the front.
inline ByteView take(ByteView& bytes, std::size_t count) {
    const auto taken = bytes.first(std::min(count, bytes.size()));
    bytes = bytes.subspan(taken.size());
    return taken;
}

// Takes a length byte and as many bytes.
inline ByteView takeCounted(ByteView& bytes) {
    const auto count = take(bytes, 1);
    return take(bytes, count.empty() ? 0 : count[0]);
}

} // namespace ykt::fuzz

// A target is this one function; it is called with one input after the other.
#define YKT_FUZZ_TARGET(input)                                                                               \
    static void fuzzOne(ykt::ByteView input);                                                                \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {                      \
        fuzzOne({data, size});                                                                               \
        return 0;                                                                                            \
    }                                                                                                        \
    static void fuzzOne(ykt::ByteView input)
