// One camera in front of holders: frames to symbols, symbols to codes, codes the whole way.
#pragma once

#include "firmware/terminal/terminal.h"
#include "qr/symbol_reader.h"

namespace ykt::firmware::terminal {

class CodeLane {
  public:
    CodeLane(std::string name, std::shared_ptr<hal::Camera> camera, const Secret& pseudonymKey,
             Terminal& terminal)
        : name_(std::move(name)), camera_(std::move(camera)), pseudonymKey_(pseudonymKey),
          terminal_(terminal), reader_(terminal.clock()) {}

    void run(const std::stop_token& stop); // until stopped

    // A phone is held up for many frames: the same payload, last seen less than this ago, is the same
    // presentation.
    static constexpr Milliseconds samePresentation{2000};

  private:
    void recover(const Error& error, const std::stop_token& stop);
    void look(const hal::Frame& frame);
    void present(ByteView payload, MonotonicTime seen);
    Result<identity::VerifiedIdentity> verify(ByteView payload, Presentation& presentation);
    bool isNew(const ByteArray<32>& digest, MonotonicTime seen);

    std::string name_;
    std::shared_ptr<hal::Camera> camera_;
    const Secret& pseudonymKey_;
    Terminal& terminal_;
    qr::SymbolReader reader_;
    ByteArray<32> lastDigest_{};
    std::optional<MonotonicTime> lastSeen_;
};

} // namespace ykt::firmware::terminal
