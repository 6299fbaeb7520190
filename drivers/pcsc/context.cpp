#include "drivers/pcsc/context.h"

#include "drivers/pcsc/service_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <type_traits>
#include <unistd.h>
#include <winscard.h>

namespace ykt::drivers::pcsc {
namespace {

static_assert(std::is_same_v<SCARDCONTEXT, long>);

// While it is held no socket to pcscd comes or goes, so that a new one can be told from the others.
std::mutex& comingAndGoing() {
    static std::mutex mutex;
    return mutex;
}

} // namespace

Context::Context(Watchdog& watchdog, Milliseconds limit) {
    const std::lock_guard lock(comingAndGoing());
    std::set<SocketId> known;
    for (const auto& socket : serviceSockets())
        known.insert(socket.id);
    {
        const auto guard = watchdog.arm(limit, [&known] {
            for (const auto& socket : serviceSockets(known))
                ::shutdown(socket.descriptor, SHUT_RDWR);
        });
        code_ =
            static_cast<std::uint32_t>(SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle_));
    }
    if (code_ != SCARD_S_SUCCESS)
        return;
    if (const auto fresh = serviceSockets(known); fresh.size() == 1)
        socket_ = ::fcntl(fresh.front().descriptor, F_DUPFD_CLOEXEC, 0);
    if (socket_ < 0) {
        SCardReleaseContext(handle_);
        code_ = static_cast<std::uint32_t>(SCARD_F_INTERNAL_ERROR);
    }
}

Context::~Context() {
    if (code_ != SCARD_S_SUCCESS)
        return;
    hangUp(); // tells pcscd as well as SCardReleaseContext would, which is then left with its own memory
    const std::lock_guard lock(comingAndGoing());
    SCardReleaseContext(handle_);
    ::close(socket_);
}

void Context::hangUp() const {
    hungUp_ = true;
    ::shutdown(socket_, SHUT_RDWR);
}

} // namespace ykt::drivers::pcsc
