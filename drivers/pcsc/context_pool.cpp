#include "drivers/pcsc/context_pool.h"

#include <winscard.h>

namespace ykt::drivers::pcsc {

std::unique_ptr<Context> ContextPool::takeIdle() {
    const std::lock_guard lock(mutex_);
    return std::move(idle_);
}

std::unique_ptr<Context> ContextPool::make() {
    return std::make_unique<Context>(*watchdog_, limits_.exchange);
}

void ContextPool::giveBack(std::unique_ptr<Context> context) {
    const std::lock_guard lock(mutex_);
    if (context->code() == SCARD_S_SUCCESS && !context->hungUp() && !idle_)
        idle_ = std::move(context);
}

} // namespace ykt::drivers::pcsc
