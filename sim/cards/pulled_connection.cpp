#include "sim/cards/pulled_connection.h"

namespace ykt::sim {

Result<Bytes> PulledConnection::transmit(ByteView command) {
    const bool pulledNow = !gone_ && commands_++ == at_;
    if (pulledNow && moment_ == PullMoment::after_it_acted)
        (void)card_->transmit(command);
    gone_ = gone_ || pulledNow;
    if (gone_)
        return fail(Reason::card_gone, "pulled");
    return card_->transmit(command);
}

Result<void> PulledConnection::reset() {
    if (gone_)
        return fail(Reason::card_gone, "pulled");
    return card_->reset();
}

Result<void> PulledConnection::beginExclusive() {
    if (gone_)
        return fail(Reason::card_gone, "pulled");
    return card_->beginExclusive();
}

} // namespace ykt::sim
