// A card in a reader of PC/SC, in shared mode. One thread at a time may use a connection.
#pragma once

#include "drivers/pcsc/context_pool.h"
#include "drivers/pcsc/slot.h"

namespace ykt::drivers::pcsc {

// Has a session of its own while it lives, so that connections of different threads never wait for each
// other. No call outlasts its limit: the session is then hung up, the connection is over, and every later
// call gives the same reason at once.
class Connection final : public hal::CardConnection {
  public:
    // Errors: as hal::CardReader::connect, and reader_silent.
    static Result<std::unique_ptr<hal::CardConnection>> open(const std::shared_ptr<Slot>& slot,
                                                             const std::shared_ptr<ContextPool>& contexts);

    Connection(std::shared_ptr<Slot> slot, std::shared_ptr<ContextPool> contexts,
               std::unique_ptr<Context> context)
        : slot_(std::move(slot)), losses_(slot_->losses()), contexts_(std::move(contexts)),
          context_(std::move(context)) {}
    ~Connection() override;

    [[nodiscard]] Bytes atr() const override { return atr_; }
    Result<Bytes> transmit(ByteView command) override; // and reader_silent
    Result<void> reset() override;                     // and reader_silent
    Result<void> beginExclusive() override;            // reader_busy at the limit
    void endExclusive() override;

  private:
    std::uint32_t connect(const std::string& reader);
    void readAtr();
    void readCardType();
    template <typename Call>
    std::uint32_t within(Milliseconds limit, Reason atLimit, Call&& call);
    [[nodiscard]] tl::unexpected<Error> why(std::string_view call, std::uint32_t code) const;

    std::shared_ptr<Slot> slot_;
    std::uint64_t losses_; // of the slot, before this connection
    std::shared_ptr<ContextPool> contexts_;
    std::unique_ptr<Context> context_;
    std::optional<Reason> over_; // why the session was hung up
    long card_ = 0;              // an SCARDHANDLE; 0: none
    unsigned long protocol_ = 0;
    Bytes atr_;
    Bytes answer_; // room for the longest R-APDU
};

} // namespace ykt::drivers::pcsc
