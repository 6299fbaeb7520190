#include "sim/cards/vpcd_slot.h"

#include <algorithm>
#include <array>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace ykt::sim {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{20}; // between attempts to reach vpcd, doubled up to the longest
constexpr milliseconds kLongestPause{500};
constexpr timeval kSendLimit{.tv_sec = 1, .tv_usec = 0}; // bounds connect too
constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kMostBytes = 0xFFFF;

// A body of one byte is a control, any other one an APDU.
enum Control : std::uint8_t { power_off = 0, power_on = 1, warm_reset = 2, get_atr = 4 };

class Socket {
  public:
    explicit Socket(int fd) : fd_(fd) {}
    ~Socket() {
        if (fd_ >= 0)
            ::close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};

// A connected socket, or -1.
int connectTo(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        return -1;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        const int fd =
            ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
        if (fd < 0)
            continue;
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kSendLimit, sizeof kSendLimit);
        if (::connect(fd, address->ai_addr, address->ai_addrlen) == 0)
            return fd;
        ::close(fd);
    }
    return -1;
}

bool receiveAll(int socket, std::span<std::uint8_t> into) {
    while (!into.empty()) {
        // vpcd sends length and body apart and without TCP_NODELAY, so it waits for our acknowledgement of
        // the first: delayed, that is 44 ms an APDU. Linux forgets the option with every receive.
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
        const ssize_t size = ::recv(socket, into.data(), into.size(), 0);
        if (size <= 0)
            return false;
        into = into.subspan(static_cast<std::size_t>(size));
    }
    return true;
}

std::optional<Bytes> receiveBody(int socket) {
    std::array<std::uint8_t, kLengthBytes> length{};
    if (!receiveAll(socket, length))
        return std::nullopt;
    Bytes body(readBigEndian(length));
    if (!receiveAll(socket, body))
        return std::nullopt;
    return body;
}

// One byte is no answer to PC/SC, and an end of the wait to vpcd: a message of no bytes makes it wait on, for
// a byte that does not come, and pcscd with it.
const Bytes noAnswer(1);

bool sendBody(int socket, ByteView body) {
    if (body.empty() || body.size() > kMostBytes)
        body = noAnswer;
    Bytes message;
    appendBigEndian(message, body.size(), kLengthBytes);
    message.insert(message.end(), body.begin(), body.end());
    for (ByteView rest = message; !rest.empty();) {
        const ssize_t size = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (size <= 0)
            return false;
        rest = rest.subspan(static_cast<std::size_t>(size));
    }
    return true;
}

} // namespace

void VpcdSlot::insert(std::shared_ptr<CardSoftware> card) {
    const std::lock_guard handling(handling_);
    takeOut();
    {
        const std::lock_guard lock(mutex_);
        occupied_ = true;
        commands_ = 0;
    }
    thread_ = std::jthread([this, card = std::move(card)](const std::stop_token& stop) { run(stop, *card); });
}

void VpcdSlot::remove() {
    const std::lock_guard handling(handling_);
    takeOut();
    const std::lock_guard lock(mutex_);
    pull_.reset();
}

void VpcdSlot::takeOut() {
    thread_.request_stop();
    {
        const std::lock_guard lock(mutex_);
        if (socket_ >= 0)
            ::shutdown(socket_, SHUT_RDWR);
        occupied_ = false;
    }
    if (thread_.joinable())
        thread_.join();
}

void VpcdSlot::pullAt(std::size_t at, PullMoment moment) {
    const std::lock_guard lock(mutex_);
    pull_ = Pull{at, moment};
}

bool VpcdSlot::occupied() const {
    const std::lock_guard lock(mutex_);
    return occupied_;
}

std::size_t VpcdSlot::commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
}

void VpcdSlot::run(const std::stop_token& stop, CardSoftware& card) {
    auto pause = kFirstPause;
    while (!stop.stop_requested()) {
        const Socket socket(connectTo(host_, port_));
        if (publishSocket(stop, socket.fd())) {
            pause = kFirstPause;
            Next next = Next::go_on;
            while (next == Next::go_on)
                next = serve(socket.fd(), card);
            publishSocket(stop, -1);
            if (next == Next::pulled)
                return;
        }
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, pause, [] { return false; });
        pause = std::min(2 * pause, kLongestPause);
    }
}

// False if there is no socket, or if remove() came first and can no longer end its wait.
bool VpcdSlot::publishSocket(const std::stop_token& stop, int socket) {
    const std::lock_guard lock(mutex_);
    socket_ = stop.stop_requested() ? -1 : socket;
    return socket_ >= 0;
}

VpcdSlot::Next VpcdSlot::serve(int socket, CardSoftware& card) {
    const auto body = receiveBody(socket);
    if (!body)
        return Next::lost;
    return body->size() == 1 ? answerControl(socket, card, body->front())
                             : answerCommand(socket, card, *body);
}

VpcdSlot::Next VpcdSlot::answerControl(int socket, CardSoftware& card, std::uint8_t control) {
    if (control == Control::power_on || control == Control::warm_reset)
        card.reset();
    if (control != Control::get_atr)
        return Next::go_on;
    return sendBody(socket, card.atr()) ? Next::go_on : Next::lost;
}

VpcdSlot::Next VpcdSlot::answerCommand(int socket, CardSoftware& card, ByteView command) {
    std::size_t index = 0;
    {
        const std::lock_guard lock(mutex_);
        index = commands_++;
    }
    if (due(index, PullMoment::before_it_acts))
        return Next::pulled;
    const auto answer = card.answer(command);
    if (due(index, PullMoment::after_it_acted))
        return Next::pulled;
    return sendBody(socket, answer.value_or(Bytes())) ? Next::go_on : Next::lost;
}

bool VpcdSlot::due(std::size_t command, PullMoment moment) {
    const std::lock_guard lock(mutex_);
    if (!pull_ || pull_->at != command || pull_->moment != moment)
        return false;
    pull_.reset();
    occupied_ = false;
    return true;
}

} // namespace ykt::sim
