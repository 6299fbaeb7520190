#include "drivers/pcsc/service_socket.h"

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace ykt::drivers::pcsc {
namespace {

bool leadsToService(int descriptor) {
    sockaddr_un peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0)
        return false;
    if (peer.sun_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path))
        return false;
    const std::string path(peer.sun_path, ::strnlen(peer.sun_path, sizeof peer.sun_path));
    const char* moved = std::getenv("PCSCLITE_CSOCK_NAME"); // as PC/SC-Lite does
    return moved != nullptr ? path == moved : path.ends_with("/pcscd.comm");
}

} // namespace

std::vector<ServiceSocket> serviceSockets(const std::set<SocketId>& known) {
    std::vector<ServiceSocket> sockets;
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().string();
        int descriptor = -1;
        std::from_chars(name.data(), name.data() + name.size(), descriptor);
        struct stat status {};
        if (::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode) && !known.contains(status.st_ino) &&
            leadsToService(descriptor))
            sockets.push_back({.descriptor = descriptor, .id = status.st_ino});
    }
    return sockets;
}

} // namespace ykt::drivers::pcsc
