#include "firmware/courier/turn.h"

#include <algorithm>

namespace ykt::firmware::courier {

void Turn::succeeded(MonotonicTime dueNext) {
    backoff_.reset();
    failure_.reset();
    due_ = dueNext;
}

bool Turn::failed(MonotonicTime now, const UpstreamError& error) {
    due_ = now + std::max(least_, backoff_.next(error.retryAfter));
    const bool isNew = !failure_ || explain(*failure_) != explain(error.error);
    failure_ = error.error;
    return isNew;
}

} // namespace ykt::firmware::courier
