// The SAM for the length of one dialogue, which no other lane may interrupt.
#pragma once

#include "apdu/exclusive.h"
#include "apdu/sam/sam.h"

namespace ykt::apdu::sam {

// A SAM's errors never look like a card's: sam_missing, sam_refused or sam_locked, whatever `error` was.
tl::unexpected<Error> samError(const Error& error);

// Whoever has one must not use the Sam otherwise meanwhile: it is locked. The Sam must outlive it.
class SamSession {
  public:
    // Waits for the SAM. Errors: sam_missing.
    static Result<SamSession> begin(Sam& sam);

    // As Channel::transmit and Channel::require. Errors of both: sam_missing, sam_refused, sam_locked.
    Result<Response> transmit(const Command& command);
    Result<Bytes> require(const Command& command);

  private:
    SamSession(Channel& channel, std::unique_lock<std::mutex> lock, Exclusive exclusive)
        : channel_(&channel), lock_(std::move(lock)), exclusive_(std::move(exclusive)) {}

    Channel* channel_;
    std::unique_lock<std::mutex> lock_;
    Exclusive exclusive_; // ends before the lock is given up
};

} // namespace ykt::apdu::sam
