#include "drivers/pcsc/context.h"

#include <type_traits>
#include <winscard.h>

namespace ykt::drivers::pcsc {

static_assert(std::is_same_v<SCARDCONTEXT, long>);

Context::Context()
    : code_(
          static_cast<std::uint32_t>(SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle_))) {
}

Context::~Context() {
    if (code_ == SCARD_S_SUCCESS)
        SCardReleaseContext(handle_);
}

} // namespace ykt::drivers::pcsc
