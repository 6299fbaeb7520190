#include "tools/yktctl/run.h"

#include <algorithm>
#include <iostream>

namespace ykt::tools {

Ending complain(const Error& error) {
    std::cerr << "yktctl: " << explain(error) << '\n';
    return endingOf(error.reason);
}

Ending endingOf(Reason reason) {
    switch (reason) {
    case Reason::input_malformed:
        return Ending::bad_usage;
    case Reason::local_service_failed:
    case Reason::config_unreadable:
    case Reason::camera_gone:
    case Reason::frame_invalid:
    case Reason::store_failed:
    case Reason::crypto_failed:
        return Ending::cannot_ask;
    default:
        return Ending::no;
    }
}

Ending worse(Ending a, Ending b) {
    return std::max(a, b);
}

} // namespace ykt::tools
