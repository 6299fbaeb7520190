#include "bench/qr/engine.h"
#include "bench/qr/thread_time.h"
#include "qr/symbol_reader.h"

#include <optional>

namespace ykt::bench {
namespace {

class Ours final : public Engine {
  public:
    Ours() { begin(); }
    void begin() override { reader_.emplace(clock_); }
    std::vector<Bytes> read(const hal::Frame& frame) override {
        std::vector<Bytes> payloads;
        if (auto symbols = reader_->read(frame))
            for (auto& symbol : *symbols)
                payloads.push_back(std::move(symbol.payload));
        return payloads;
    }

  private:
    ThreadTime clock_;
    std::optional<qr::SymbolReader> reader_;
};

} // namespace

std::unique_ptr<Engine> ourEngine() {
    return std::make_unique<Ours>();
}

} // namespace ykt::bench
