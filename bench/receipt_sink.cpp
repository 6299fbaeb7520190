#include "bench/receipt_sink.h"

#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace ykt::bench {

namespace {

// Of the records in this batch, as they are numbered in it.
std::string receiptsFor(std::string_view request) {
    constexpr std::string_view field = R"({"sequence":)";
    std::string receipts = R"({"receipts":[)";
    for (auto at = request.find(field); at != std::string_view::npos; at = request.find(field, at)) {
        at += field.size();
        const auto number = request.substr(at, request.find(',', at) - at);
        receipts.append(receipts.back() == '[' ? "" : ",").append(R"({"sequence":)").append(number);
        receipts.append(R"(,"verdict":"settled","note":"R-)").append(number).append(R"("})");
    }
    return receipts + "]}";
}

} // namespace

bool writeAll(crypto::TlsStream& stream, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = stream.writeSome(asBytes(bytes));
        if (!sent)
            return false;
        bytes.remove_prefix(*sent);
    }
    return true;
}

std::string_view HttpReader::next() {
    constexpr std::string_view lengthField = "Content-Length: ";
    buffer_.erase(0, used_);
    used_ = 0;
    std::array<std::uint8_t, 16'384> bytes{};
    for (;;) {
        if (const auto head = buffer_.find("\r\n\r\n"); head != std::string::npos) {
            const auto field = buffer_.find(lengthField);
            used_ =
                head + 4 + (field < head ? std::stoul(buffer_.substr(field + lengthField.size(), 20)) : 0UL);
            if (buffer_.size() >= used_)
                return std::string_view(buffer_).substr(0, used_);
        }
        const auto got = stream_.readSome(bytes);
        if (!got || *got == 0)
            return {};
        buffer_.append(reinterpret_cast<const char*>(bytes.data()), *got);
    }
}

ReceiptSink::ReceiptSink(crypto::TlsServer tls) : tls_(std::move(tls)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, raw, &size) != 0)
        throw std::runtime_error("the sink's listener");
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) {
        pollfd waiting{listener_, POLLIN, 0};
        while (!stop.stop_requested())
            if (::poll(&waiting, 1, 20) == 1)
                serve(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK), stop);
    });
}

ReceiptSink::~ReceiptSink() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
}

void ReceiptSink::serve(int socket, const std::stop_token& stop) {
    auto stream = tls_.accept(socket, std::chrono::milliseconds{5'000}, stop);
    if (!stream)
        return;
    stream->setDeadline(std::chrono::milliseconds{600'000}, stop);
    HttpReader reader(*stream);
    for (auto request = reader.next(); !request.empty(); request = reader.next()) {
        const auto body = request.starts_with("POST /v1/transactions") ? receiptsFor(request) : std::string();
        const auto head =
            body.empty() ? std::string("HTTP/1.1 204 No Content\r\n\r\n")
                         : "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        if (!writeAll(*stream, head + body))
            return;
    }
}

} // namespace ykt::bench
