// The terminal's SAM and the reader it sits in: opened when first needed, opened anew after a failure.
#pragma once

#include "apdu/sam/sam.h"

#include <mutex>

namespace ykt::firmware::terminal {

class SamSlot {
  public:
    SamSlot(std::shared_ptr<hal::CardReader> reader, apdu::sam::SamKeyReferences references)
        : reader_(std::move(reader)), references_(references) {}

    // Shared by all lanes; the SAM locks itself. Errors: sam_missing, sam_refused, sam_locked.
    Result<std::shared_ptr<apdu::sam::Sam>> sam();

    // After a failure of the SAM: the next call of sam() connects again.
    void forget();

  private:
    bool changed();

    std::shared_ptr<hal::CardReader> reader_;
    apdu::sam::SamKeyReferences references_;
    std::mutex mutex_;
    std::shared_ptr<apdu::sam::Sam> sam_;
};

} // namespace ykt::firmware::terminal
