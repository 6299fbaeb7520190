// What a back office, or whoever stands in front of it, can answer out of turn or out of all measure.
#include "fixture.h"
#include "hostile_proxy.h"
#include "played_server.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <future>
#include <regex>

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

struct Played : Fixture {
    [[nodiscard]] crypto::TlsServer tls() const {
        return std::move(*crypto::TlsServer::create(pki.caPem(), *pki.serverIdentity(), clock));
    }
    [[nodiscard]] std::unique_ptr<HttpsUpstream> to(const PlayedServer& server,
                                                    Milliseconds request = Milliseconds{2'000}) const {
        auto settings = httpsSettings();
        settings.port = server.port();
        settings.requestTimeout = request;
        settings.mostReplyBytes = 100'000;
        return std::move(*HttpsUpstream::create(std::move(settings), clock));
    }
    // Only batches: everything else has nothing new.
    static bool isBatch(const std::string& request) { return request.starts_with("POST /v1/transactions"); }
    static std::string receiptsFor(const std::string& request) {
        static const std::regex field(R"("sequence":(\d+))");
        std::string receipts;
        for (std::sregex_iterator at(request.begin(), request.end(), field), end; at != end; ++at)
            receipts += std::string(receipts.empty() ? "" : ",") + R"({"sequence":)" + (*at)[1].str() +
                        R"(,"verdict":"settled","note":"R-)" + (*at)[1].str() + R"("})";
        return PlayedServer::answer(R"({"receipts":[)" + receipts + "]}");
    }
    static bool nothingNew(crypto::TlsStream& stream) {
        return PlayedServer::write(stream, "HTTP/1.1 204 No Content\r\n\r\n");
    }
    // As another connection sees the journal: what is committed.
    [[nodiscard]] int rowsOnDisk() const {
        return SQLite::Database(storeFile().string(), SQLite::OPEN_READONLY)
            .execAndGet("SELECT count(*) FROM journal")
            .getInt();
    }
    void checkReceipts(std::uint64_t count) const {
        const auto records = *store->list(1, count);
        for (const auto& record : records)
            CHECK(record.note == "R-" + std::to_string(record.id.sequence));
    }
};

} // namespace

TEST_CASE_METHOD(Played, "an answer that comes twice is not taken for the next one's") {
    const bool later = GENERATE(false, true); // the second time at once, or just before the next answer
    std::string previous;
    PlayedServer server(tls(), [&](const std::string& request, crypto::TlsStream& stream) {
        if (!isBatch(request))
            return nothingNew(stream);
        const auto answer = receiptsFor(request);
        const auto text = later ? std::exchange(previous, answer) + answer : answer + answer;
        return PlayedServer::write(stream, text);
    });
    quick.batchRecords = 1;
    quick.longestBackoff = Milliseconds{20};
    const auto upstream = to(server);
    append(20);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return allAcknowledged(20); }));
    checkReceipts(20);
}

TEST_CASE_METHOD(Played, "answers in another order settle nothing that they are not for") {
    std::string previous =
        PlayedServer::answer(R"({"receipts":[{"sequence":7,"verdict":"settled","note":"R-7"}]})");
    std::size_t batches = 0;
    PlayedServer server(tls(), [&](const std::string& request, crypto::TlsStream& stream) {
        if (!isBatch(request))
            return nothingNew(stream);
        auto answer = receiptsFor(request);
        if (++batches % 3 != 0)
            std::swap(answer, previous);
        return PlayedServer::write(stream, answer);
    });
    quick.batchRecords = 1;
    quick.longestBackoff = Milliseconds{20};
    const auto upstream = to(server);
    append(6);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return allAcknowledged(6); }));
    checkReceipts(6);
}

TEST_CASE_METHOD(Played,
                 "an answer that is out of all measure is refused within its time, and the next is heard") {
    const std::string chunk(16'384, 'x');
    const std::vector<std::function<bool(crypto::TlsStream&)>> plays{
        [&](auto& stream) { // a body without end
            bool there = PlayedServer::write(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (there)
                there = PlayedServer::write(stream, "4000\r\n" + chunk + "\r\n");
            return false;
        },
        [&](auto& stream) { // headers without end
            bool there = PlayedServer::write(stream, "HTTP/1.1 200 OK\r\n");
            while (there)
                there = PlayedServer::write(stream, "X-More: yes\r\n");
            return false;
        },
        [&](auto& stream) { // one header without end
            bool there = PlayedServer::write(stream, "HTTP/1.1 200 OK\r\nX-More: ");
            while (there)
                there = PlayedServer::write(stream, chunk);
            return false;
        },
        [&](auto& stream) {
            return PlayedServer::write(stream,
                                       "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n");
        },
        [&](auto& stream) {
            return PlayedServer::write(stream, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");
        },
        [&](auto& stream) {
            return PlayedServer::write(
                stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello");
        },
        [&](auto& stream) {
            return PlayedServer::write(stream, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nless") && false;
        },
        [&](auto& stream) {
            return PlayedServer::write(
                stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n");
        },
        [&](auto& stream) { // half the end of its last chunk
            return PlayedServer::write(stream,
                                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n") &&
                   PlayedServer::write(stream, "\r") && false;
        },
        [&](auto& stream) { return PlayedServer::write(stream, "HTTP/9.9 200 OK\r\n\r\n"); },
        [&](auto& stream) { return PlayedServer::write(stream, "HTTP/1.1 9999 Far Too Much\r\n\r\n"); },
        [&](auto& stream) {
            return PlayedServer::write(stream,
                                       "\r\n\r\n\r\n\r\n\x01\xff SSH-2.0 nothing that we know\r\n\r\n");
        },
        [&](auto& stream) { return PlayedServer::write(stream, "HTTP/1.1 100 Continue\r\n\r\n"); },
        [&](auto& stream) {
            return PlayedServer::write(stream, PlayedServer::answer("", "304 Not Modified"));
        },
        [&](auto& stream) {
            return PlayedServer::write(stream, PlayedServer::answer(std::string(100'001, ' ')));
        }};
    const auto which = GENERATE_COPY(range(std::size_t{0}, plays.size()));
    CAPTURE(which);
    std::atomic<bool> lies{true};
    PlayedServer server(tls(), [&](const std::string& request, crypto::TlsStream& stream) {
        return lies ? plays[which](stream) : PlayedServer::write(stream, receiptsFor(request));
    });
    const auto upstream = to(server, Milliseconds{500});
    append(2);
    const auto batch = leaseAll();
    const auto asked = clock.now().monotonic;
    const auto heard = upstream->deliver(batch, {});
    REQUIRE_FALSE(heard);
    CHECK(heard.error().sent);
    CHECK(clock.now().monotonic - asked < Milliseconds{4'000});
    lies = false;
    auto again = upstream->deliver(batch, {});
    if (!again) // a connection on which such things came may have to go first
        again = upstream->deliver(batch, {});
    REQUIRE(again);
    CHECK(again->size() == 2);
}

TEST_CASE_METHOD(Played, "the connection is kept for as long as the server keeps it") {
    std::atomic<bool> keeps{true};
    PlayedServer server(tls(), [&](const std::string& request, crypto::TlsStream& stream) {
        return PlayedServer::write(stream, receiptsFor(request)) && keeps;
    });
    const auto upstream = to(server);
    append(1);
    const auto batch = leaseAll();
    for (int i = 0; i < 5; ++i)
        REQUIRE(upstream->deliver(batch, {}));
    CHECK(server.connections() == 1);
    keeps = false;
    for (int i = 0; i < 5; ++i)
        REQUIRE(upstream->deliver(batch, {}));
    CHECK(server.connections() >= 5);
    CHECK(server.connections() <= 6);
    CHECK(server.requests() <= 15); // an end that came unseen is asked again once
}

TEST_CASE_METHOD(Played,
                 "a batch that left over a kept connection counts, although the next connection fails") {
    PlayedServer server(tls(), [&](const std::string& request, crypto::TlsStream& stream) {
        return !isBatch(request) && nothingNew(stream);
    });
    HostileProxy proxy(server.port());
    proxy.script({});
    const auto next = GENERATE(HostileProxy::Fault::close, HostileProxy::Fault::silence);
    proxy.script({next, HostileProxy::Way::up, 0});
    auto settings = httpsSettings();
    settings.port = proxy.port();
    settings.connectTimeout = Milliseconds{1'000};
    const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
    REQUIRE(upstream->fetchBulletin("catalogue", 0, {}));
    append(1);
    const auto delivered = upstream->deliver(leaseAll(), {});
    REQUIRE_FALSE(delivered);
    CHECK(delivered.error().error == Reason::unreachable); // no time-out, which would halve the batch
    CHECK(delivered.error().sent);
    CHECK(endsRound(delivered.error())); // for all that, nobody is there
    CHECK(proxy.connections() == 2);
    CHECK(server.requests() == 2);
}

TEST_CASE_METHOD(Played, "of all that is no part of a file, two answers say that there is none") {
    std::string status;
    PlayedServer server(tls(), [&](const std::string&, crypto::TlsStream& stream) {
        return PlayedServer::write(stream, PlayedServer::answer("", status));
    });
    const auto upstream = to(server);
    for (const auto* answer :
         {"404 Not Found", "416 Range Not Satisfiable", "401 Unauthorized", "403 Forbidden",
          "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"}) {
        status = answer;
        const auto part = upstream->fetchAttachment({}, 0, 1'000, {});
        REQUIRE_FALSE(part);
        INFO(status);
        CHECK(part.error().isMissing == (status.starts_with("404") || status.starts_with("416")));
    }
}

TEST_CASE_METHOD(Played,
                 "the version that is installed is sent as an ETag, and 304 says that it is the newest") {
    std::string asked;
    PlayedServer server(tls(), [&](const std::string& request, crypto::TlsStream& stream) {
        asked = request;
        return PlayedServer::write(stream, "HTTP/1.1 304 Not Modified\r\n\r\n");
    });
    const auto upstream = to(server);
    const auto fetched = upstream->fetchBulletin("revocation", 7, {});
    REQUIRE(fetched);
    CHECK_FALSE(*fetched);
    CHECK(asked.starts_with("GET /v1/bulletins/revocation?above=7 "));
    CHECK(asked.find("\r\nIf-None-Match: \"7\"\r\n") != std::string::npos);
    REQUIRE(upstream->fetchBulletin("revocation", 0, {}));
    CHECK(asked.find("If-None-Match") == std::string::npos);
}

TEST_CASE_METHOD(Played, "records are appended while the back office holds back its answer") {
    std::promise<void> arrived;
    std::promise<void> told;
    PlayedServer server(tls(), [&](const std::string& request, crypto::TlsStream& stream) {
        if (!isBatch(request))
            return nothingNew(stream);
        if (request.find(R"("sequence":1,)") != std::string::npos) {
            arrived.set_value();
            told.get_future().wait();
        }
        return PlayedServer::write(stream, receiptsFor(request));
    });
    const auto upstream = to(server, Milliseconds{60'000});
    append(1);
    RunningCourier running(*this, *upstream);
    arrived.get_future().wait();
    std::atomic<bool> appended{false};
    std::jthread lane([&] {
        appended = store->append({offline_store::RecordClass::money, "ride", toBytes("{}"), {}}).has_value();
    });
    const bool meanwhile = eventually([&] { return appended.load(); });
    const auto durable = rowsOnDisk();
    told.set_value(); // before anything is required: else the server would wait for ever
    CHECK(meanwhile);
    CHECK(durable == 2);
    REQUIRE(eventually([&] { return allAcknowledged(2); }));
}

TEST_CASE_METHOD(Played, "a download that stalls ends with the stop") {
    PlayedServer server(tls(), [&](const std::string&, crypto::TlsStream& stream) {
        PlayedServer::write(stream, "HTTP/1.1 206 Partial Content\r\nContent-Length: 1000\r\n\r\nsome");
        return true;
    });
    const auto upstream = to(server, Milliseconds{30'000});
    std::stop_source stop;
    std::jthread stopper([&] {
        eventually([&] { return server.requests() == 1; });
        stop.request_stop();
    });
    const auto asked = clock.now().monotonic;
    const auto part = upstream->fetchAttachment({}, 0, 1'000, stop.get_token());
    REQUIRE_FALSE(part);
    CHECK(part.error().error == Reason::cancelled);
    CHECK(clock.now().monotonic - asked < Milliseconds{1'500});
}
