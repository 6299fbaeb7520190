// A stop ends every wait of the courier within a second.
#include "fixture.h"
#include "hostile_proxy.h"
#include "passing_upstream.h"
#include "played_server.h"
#include "silent_listener.h"

#include <functional>

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

constexpr Milliseconds second{1'000};

// Runs a courier until `reached` holds, asks it to stop, and tells how long it went on from there.
Milliseconds timeToStop(const Fixture& fixture, Upstream& upstream,
                        const std::function<bool(const Courier&)>& reached) {
    Courier courier(*fixture.store, upstream, fixture.clock, fixture.publisher.publicKey());
    std::jthread thread([&](std::stop_token stop) { courier.run(std::move(stop), [](std::string_view) {}); });
    REQUIRE(eventually([&] { return reached(courier); }));
    const auto asked = fixture.clock.now().monotonic;
    thread.request_stop();
    thread.join();
    return std::chrono::ceil<Milliseconds>(fixture.clock.now().monotonic - asked);
}

// Tells since when the courier has been asking something.
struct Asked : PassingUpstream {
    using PassingUpstream::PassingUpstream;
    tl::expected<std::optional<Bytes>, UpstreamError>
    fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) override {
        asked = true;
        return inner.fetchBulletin(kind, haveVersion, std::move(stop));
    }
    // For so many milliseconds, as far as whoever asks again and again can see.
    [[nodiscard]] bool since(const hal::Clock& clock, int milliseconds) {
        if (asked && !seen)
            seen = clock.now().monotonic;
        return seen && clock.now().monotonic - *seen > Milliseconds{milliseconds};
    }
    std::atomic<bool> asked{false};
    std::optional<MonotonicTime> seen;
};

// Takes no more connections: whoever asks for one hears nothing.
struct FullListener {
    FullListener() {
        listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* raw = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener, raw, size) == 0);
        REQUIRE(::listen(listener, 0) == 0);
        REQUIRE(::getsockname(listener, raw, &size) == 0);
        port = ntohs(address.sin_port);
        for (auto& caller : callers) {
            caller = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            static_cast<void>(::connect(caller, raw, size));
        }
    }
    ~FullListener() {
        for (const int caller : callers)
            ::close(caller);
        ::close(listener);
    }
    FullListener(const FullListener&) = delete;
    FullListener& operator=(const FullListener&) = delete;

    int listener = -1;
    std::array<int, 4> callers{};
    std::uint16_t port = 0;
};

} // namespace

TEST_CASE_METHOD(Fixture, "every wait of the courier ends within a second of the stop") {
    append(1);
    SECTION("for a handshake") {
        const SilentListener silent;
        auto settings = httpsSettings();
        settings.port = silent.port;
        settings.connectTimeout = 30 * second;
        const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
        CHECK(timeToStop(*this, *upstream, [&](const Courier&) { return silent.hasCaller(); }) < second);
    }
    SECTION("for a name") { // as long as nobody answers for it; else in the backoff after that
        if (!canLookUpNames)
            return;
        auto settings = httpsSettings();
        settings.host = "nobody.invalid";
        settings.connectTimeout = 30 * second;
        const auto real = std::move(*HttpsUpstream::create(std::move(settings), clock));
        Asked upstream(*real);
        CHECK(timeToStop(*this, upstream, [&](const Courier&) { return upstream.since(clock, 100); }) <
              second);
    }
    SECTION("for a connection") {
        const FullListener full;
        auto settings = httpsSettings();
        settings.port = full.port;
        settings.connectTimeout = 30 * second;
        const auto real = std::move(*HttpsUpstream::create(std::move(settings), clock));
        Asked upstream(*real);
        CHECK(timeToStop(*this, upstream, [&](const Courier& courier) {
                  CHECK_FALSE(courier.lastError());
                  return upstream.since(clock, 100);
              }) < second);
    }
    SECTION("for the rest of a request to leave") {
        auto tls = std::move(*crypto::TlsServer::create(pki.caPem(), *pki.serverIdentity(), clock));
        std::atomic<bool> batchArrived = false;
        PlayedServer server(std::move(tls), [&](const std::string& request, crypto::TlsStream& stream) {
            if (request.starts_with("POST /v1/transactions"))
                batchArrived = true;
            PlayedServer::write(stream, "HTTP/1.1 204 No Content\r\n\r\n");
            return true;
        });
        HostileProxy proxy(server.port());
        proxy.script({HostileProxy::Fault::stall, HostileProxy::Way::up, 60'000});
        REQUIRE(store->append({offline_store::RecordClass::money, "ride", Bytes(20'000'000, ' '), {}}));
        REQUIRE(store->acknowledge({{1, "R-1"}}));
        auto settings = httpsSettings();
        settings.port = proxy.port();
        settings.requestTimeout = 30 * second;
        const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
        CHECK(timeToStop(*this, *upstream, [&](const Courier&) { return proxy.carried().up >= 60'000; }) <
              second);
        CHECK(server.requests() > 0); // bulletins and status
        CHECK_FALSE(batchArrived);
    }
    SECTION("for an answer") {
        backOffice->delayAnswers(30 * second);
        const auto upstream = https();
        CHECK(timeToStop(*this, *upstream, [&](const Courier&) { return backOffice->requests() == 1; }) <
              second);
        CHECK(counts().pending == 1);
    }
    SECTION("for the end of a backoff") {
        backOffice->answerBusy(3600);
        const auto upstream = https();
        CHECK(timeToStop(*this, *upstream, [](const Courier& courier) {
                  return courier.lastError() && courier.lastError()->reason == Reason::upstream_busy;
              }) < second);
        CHECK(backOffice->requests() == 1);
    }
    SECTION("for a record") {
        const auto upstream = https();
        CHECK(timeToStop(*this, *upstream, [&](const Courier&) { return allAcknowledged(1); }) < second);
    }
}
