#include "firmware/terminal/sam_slot.h"

namespace ykt::firmware::terminal {

Result<std::shared_ptr<apdu::sam::Sam>> SamSlot::sam() {
    const std::lock_guard lock(mutex_);
    if (changed())
        sam_.reset();
    if (sam_)
        return sam_;
    auto connection = reader_->connect();
    if (!connection)
        return fail(Reason::sam_missing, explain(connection.error()));
    auto opened = apdu::sam::Sam::open(std::move(*connection), references_);
    if (!opened)
        return failWith(opened);
    sam_ = std::move(*opened);
    return sam_;
}

// Did anything happen in the SAM's reader since the last look?
bool SamSlot::changed() {
    bool happened = false;
    for (auto event = reader_->nextEvent({}, Milliseconds::zero()); event && *event;
         event = reader_->nextEvent({}, Milliseconds::zero()))
        happened = true;
    return happened;
}

void SamSlot::forget() {
    const std::lock_guard lock(mutex_);
    sam_.reset();
}

} // namespace ykt::firmware::terminal
