// The sockets of this process that lead to pcscd. PC/SC-Lite keeps them to itself, and shutting one down is
// the only way to end a call that pcscd does not answer: SCardCancel ends SCardGetStatusChange alone.
#pragma once

#include <set>
#include <vector>

namespace ykt::drivers::pcsc {

// A socket's identity, the same for all descriptors of it and never used again.
using SocketId = unsigned long;

// Descriptors that PC/SC-Lite owns: they hold only as long as no context is released.
struct ServiceSocket {
    int descriptor = -1;
    SocketId id = 0;
};

// From /proc/self/fd. `known`: those that are not wanted.
std::vector<ServiceSocket> serviceSockets(const std::set<SocketId>& known = {});

} // namespace ykt::drivers::pcsc
