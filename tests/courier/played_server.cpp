#include "played_server.h"

#include "tests/loopback.h"

#include <array>
#include <poll.h>
#include <tuple>
#include <unistd.h>

namespace ykt::firmware::courier {

PlayedServer::PlayedServer(crypto::TlsServer tls, Play play) : tls_(std::move(tls)), play_(std::move(play)) {
    std::tie(listener_, port_) = test::listenOnLoopback();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

PlayedServer::~PlayedServer() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
}

void PlayedServer::run(const std::stop_token& stop) {
    pollfd waiting{listener_, POLLIN, 0};
    while (!stop.stop_requested()) {
        if (::poll(&waiting, 1, 20) != 1)
            continue;
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket < 0)
            continue;
        ++connections_;
        auto accepted = tls_.accept(socket, Milliseconds{10'000}, stop);
        if (!accepted)
            continue;
        serve(std::move(*accepted), stop);
    }
}

void PlayedServer::serve(crypto::TlsStream stream, const std::stop_token& stop) {
    std::string buffer;
    for (;;) {
        stream.setDeadline(Milliseconds{60'000}, stop); // of one request and its answer
        const auto request = read(stream, buffer);
        if (request.empty())
            return;
        ++requests_;
        if (!play_(request, stream))
            return;
    }
}

std::string PlayedServer::read(crypto::TlsStream& stream, std::string& buffer) {
    constexpr std::string_view lengthField = "Content-Length: ";
    std::array<std::uint8_t, 4096> bytes{};
    for (;;) {
        if (const auto head = buffer.find("\r\n\r\n"); head != std::string::npos) {
            const auto field = buffer.find(lengthField);
            const auto body =
                field < head ? std::stoul(buffer.substr(field + lengthField.size())) : std::size_t{0};
            if (const auto size = head + 4 + body; buffer.size() >= size) {
                auto message = buffer.substr(0, size);
                buffer.erase(0, size);
                return message;
            }
        }
        const auto got = stream.readSome(bytes);
        if (!got || *got == 0)
            return {};
        buffer.append(reinterpret_cast<const char*>(bytes.data()), *got);
    }
}

bool PlayedServer::write(crypto::TlsStream& stream, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = stream.writeSome(asBytes(bytes));
        if (!sent)
            return false;
        bytes.remove_prefix(*sent);
    }
    return true;
}

std::string PlayedServer::answer(std::string_view body, std::string_view status) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
}

} // namespace ykt::firmware::courier
