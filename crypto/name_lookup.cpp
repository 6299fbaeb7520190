#include "crypto/name_lookup.h"

#include <array>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>

namespace ykt::crypto {

namespace {

// getaddrinfo_a works in threads of the C library's own (ThreadSanitizer does not know them and stops there).
// Owned by who waits and by the resolver: whoever ends last frees it, so that a wait can be given up.
struct Lookup {
    Lookup(std::string theHost, std::uint16_t port)
        : host(std::move(theHost)), service(std::to_string(port)) {
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_NUMERICSERV;
        request.ar_name = host.c_str();
        request.ar_service = service.c_str();
        request.ar_request = &hints;
    }
    Lookup(const Lookup&) = delete;
    Lookup& operator=(const Lookup&) = delete;
    ~Lookup() {
        if (request.ar_result)
            ::freeaddrinfo(request.ar_result);
    }

    std::string host;
    std::string service;
    addrinfo hints{};
    gaicb request{};
    OwnedDescriptor done{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

void lookupEnded(sigval value) {
    const std::unique_ptr<std::shared_ptr<Lookup>> held(
        static_cast<std::shared_ptr<Lookup>*>(value.sival_ptr));
    ::eventfd_write((*held)->done.get(), 1);
}

// An address is one already, and asks nobody. Empty for a name.
AddressList readAddress(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        found = nullptr;
    return {found, &::freeaddrinfo};
}

} // namespace

Result<AddressList> lookUpName(const std::string& host, std::uint16_t port, SocketWait& wait) {
    if (auto address = readAddress(host, port))
        return address;
    const auto lookup = std::make_shared<Lookup>(host, port);
    auto held = std::make_unique<std::shared_ptr<Lookup>>(lookup);
    sigevent whenDone{};
    whenDone.sigev_notify = SIGEV_THREAD;
    whenDone.sigev_notify_function = lookupEnded;
    whenDone.sigev_value.sival_ptr = held.get();
    std::array<gaicb*, 1> requests{&lookup->request};
    if (lookup->done.get() < 0 || ::getaddrinfo_a(GAI_NOWAIT, requests.data(), 1, &whenDone) != 0)
        return fail(Reason::crypto_failed, "starting a name look-up");
    static_cast<void>(held.release()); // lookupEnded has it
    if (const auto ended = wait.until(lookup->done.get(), POLLIN); !ended)
        return failWith(ended);
    if (::gai_error(&lookup->request) != 0)
        return fail(Reason::unreachable, "no address for this name");
    return AddressList(std::exchange(lookup->request.ar_result, nullptr), &::freeaddrinfo);
}

} // namespace ykt::crypto
