// A port that takes TCP connections by its backlog alone and says nothing.
#pragma once

#include <catch2/catch.hpp>
#include <mbedtls/net_sockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace ykt::firmware::courier {

struct SilentListener {
    SilentListener() {
        REQUIRE(mbedtls_net_bind(&socket, "127.0.0.1", "0", MBEDTLS_NET_PROTO_TCP) == 0);
        sockaddr_in address{};
        socklen_t size = sizeof address;
        REQUIRE(::getsockname(socket.fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
    }
    ~SilentListener() { mbedtls_net_free(&socket); }
    [[nodiscard]] bool hasCaller() const {
        pollfd listener{socket.fd, POLLIN, 0};
        return ::poll(&listener, 1, 0) == 1;
    }

    mbedtls_net_context socket{-1};
    std::uint16_t port = 0;
};

} // namespace ykt::firmware::courier
