// What TLS takes over of a TCP connection. Included only by sources of this room.
#pragma once

#include "crypto/socket_wait.h"
#include "crypto/tcp.h"

namespace ykt::crypto {

struct TcpStream::Impl {
    OwnedDescriptor socket; // does not block
    SocketWait wait;
};

// Requests and answers are written whole: waiting to fill a packet only delays them.
void sendAtOnce(int socket);

// To the first address of `host` that answers. Errors: unreachable, upstream_timeout, cancelled,
// crypto_failed.
Result<OwnedDescriptor> connectToAny(const std::string& host, std::uint16_t port, SocketWait& wait);

} // namespace ykt::crypto
