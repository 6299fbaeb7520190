// A card in a reader of PC/SC, in shared mode. One thread at a time may use a connection.
#pragma once

#include "drivers/pcsc/context.h"
#include "drivers/pcsc/slot.h"

namespace ykt::drivers::pcsc {

// Has a session of its own, so that connections of different threads never wait for each other.
class Connection final : public hal::CardConnection {
  public:
    // Errors: as hal::CardReader::connect. PC/SC has no limit for the time a card's driver may take, nor for
    // the wait for a transaction of another program that holds the card.
    static Result<std::unique_ptr<hal::CardConnection>> open(std::shared_ptr<Slot> slot);

    explicit Connection(std::shared_ptr<Slot> slot) : slot_(std::move(slot)), losses_(slot_->losses()) {}
    ~Connection() override;

    [[nodiscard]] Bytes atr() const override { return atr_; }
    Result<Bytes> transmit(ByteView command) override;
    Result<void> reset() override;

    // reader_busy after a second; the connection is then of no further use.
    Result<void> beginExclusive() override;
    void endExclusive() override;

  private:
    Result<void> connect(const std::string& reader);
    void readAtr();
    [[nodiscard]] tl::unexpected<Error> why(std::string_view call, std::uint32_t code) const;

    std::shared_ptr<Slot> slot_;
    std::uint64_t losses_; // of the slot, before this connection
    Context context_;
    long card_ = 0; // an SCARDHANDLE; 0: none
    unsigned long protocol_ = 0;
    Bytes atr_;
    Bytes answer_; // room for the longest R-APDU
};

} // namespace ykt::drivers::pcsc
