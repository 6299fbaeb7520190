// A session with pcscd. One thread at a time may use it; only SCardCancel comes from others.
#pragma once

#include <cstdint>

namespace ykt::drivers::pcsc {

class Context {
  public:
    Context();
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    [[nodiscard]] std::uint32_t code() const { return code_; } // of SCardEstablishContext
    [[nodiscard]] long handle() const { return handle_; }      // an SCARDCONTEXT, if code() is success

  private:
    long handle_ = 0;
    std::uint32_t code_ = 0;
};

} // namespace ykt::drivers::pcsc
