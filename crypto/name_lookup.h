// Host names to addresses, within a deadline.
#pragma once

#include "crypto/socket_wait.h"

#include <memory>
#include <netdb.h>
#include <string>

namespace ykt::crypto {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

// Waits no longer than `wait` allows, although the C library's resolver goes on by itself for as long as
// resolv.conf says: an outage takes the name servers away first. Errors: unreachable, upstream_timeout,
// cancelled, crypto_failed.
Result<AddressList> lookUpName(const std::string& host, std::uint16_t port, SocketWait& wait);

} // namespace ykt::crypto
