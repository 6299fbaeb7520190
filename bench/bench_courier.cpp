// How fast a backlog leaves: a store with 100,000 records, the courier, mutual TLS on this machine's
// loopback, and a sink that answers receipts and does nothing else. Beside it the same bytes over the same
// TLS from a bare loop, and the courier without a network.
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "firmware/courier/courier.h"
#include "firmware/courier/https_upstream.h"
#include "firmware/courier/wire_format.h"
#include "sim/bulletins.h"
#include "sim/pki.h"
#include "tests/courier/played_server.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace ykt;
using namespace ykt::firmware;

namespace {

constexpr std::size_t backlog = 100'000;
constexpr auto terminal = "NX-BUS-0001";

double residentMebibytes() {
    std::ifstream statm("/proc/self/statm");
    double total = 0, resident = 0;
    statm >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

// A ride as the demo's bus writes it.
Bytes ridePayload(std::size_t number) {
    return toBytes(
        R"({"decision":"accept","fare_fen":100,"medium":"social_security_card","region":"640100","subject":")" +
        std::to_string(1'000'000'000 + number) + R"(","assurance":"authenticated","class":"adult"})");
}

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

// Answers each record with a receipt and does nothing else: what is measured against it is the terminal.
bool answerReceipts(const std::string& request, crypto::TlsStream& stream) {
    return courier::PlayedServer::write(stream, request.starts_with("POST /v1/transactions")
                                                    ? courier::PlayedServer::answer(receiptsFor(request))
                                                    : "HTTP/1.1 204 No Content\r\n\r\n");
}

struct World {
    World()
        : pki(*sim::Pki::create(clock.now().wall)), publisher(*sim::BulletinPublisher::create()),
          sink(std::move(*crypto::TlsServer::create(pki.caPem(), *pki.serverIdentity(), clock)),
               answerReceipts) {}

    std::unique_ptr<offline_store::Store> filledStore(const std::string& name) const {
        offline_store::StoreOptions options;
        options.file = folder.path() / name;
        options.terminal = terminal;
        options.limits.undeliveredMoney = 2 * backlog;
        auto store = std::move(*offline_store::Store::open(options, *crypto::randomSecret(32), clock));
        std::vector<std::jthread> lanes; // together they share flushes
        for (std::size_t lane = 0; lane < 16; ++lane)
            lanes.emplace_back([&store, lane] {
                for (std::size_t i = lane; i < backlog; i += 16)
                    if (!store->append({offline_store::RecordClass::money, "ride", ridePayload(i), {}}))
                        std::abort();
            });
        return store;
    }

    test::TemporaryFolder folder;
    drivers::SystemClock clock;
    sim::Pki pki;
    sim::BulletinPublisher publisher;
    courier::PlayedServer sink;
};

// Answers at once, as if the network were nothing.
struct NoNetwork : courier::Upstream {
    tl::expected<std::vector<courier::DeliveryReceipt>, courier::UpstreamError>
    deliver(const std::vector<offline_store::Record>& batch, std::stop_token) override {
        std::vector<courier::DeliveryReceipt> receipts;
        for (const auto& record : batch)
            receipts.push_back({record.id.sequence, courier::DeliveryReceipt::Verdict::settled, "R-1"});
        return receipts;
    }
    tl::expected<std::optional<Bytes>, courier::UpstreamError> fetchBulletin(std::string_view, std::uint64_t,
                                                                             std::stop_token) override {
        return std::nullopt;
    }
    tl::expected<Bytes, courier::UpstreamError> fetchAttachment(const crypto::Digest&, std::uint64_t,
                                                                std::size_t, std::stop_token) override {
        return Bytes{};
    }
    tl::expected<void, courier::UpstreamError> reportStatus(const std::string&, std::stop_token) override {
        return {};
    }
    [[nodiscard]] std::optional<courier::ServerTime> serverTime() const override { return std::nullopt; }
};

// Records a second.
double drain(const World& world, offline_store::Store& store, courier::Upstream& upstream, const char* what) {
    courier::Courier courier(store, upstream, world.clock, world.publisher.publicKey());
    const auto start = world.clock.now().monotonic;
    std::jthread thread([&](const std::stop_token& stop) { courier.run(stop, [](std::string_view) {}); });
    std::uint64_t done = 0;
    std::size_t next = 0;
    const auto drained = [&] {
        if (done >= next) {
            std::printf("    %6zu left, %5.1f MiB resident\n", backlog - done, residentMebibytes());
            next += backlog / 5;
        }
        done = store.counts()->acknowledged;
        return done >= backlog;
    };
    if (!test::eventually(drained, std::chrono::minutes{10}))
        std::abort();
    const std::chrono::duration<double> took = world.clock.now().monotonic - start;
    std::printf("    %6d left, %5.1f MiB resident\n", 0, residentMebibytes());
    const auto rate = static_cast<double>(backlog) / took.count();
    std::printf("  %-34s %9.0f records/s\n", what, rate);
    return rate;
}

// The batches of a drain, written beforehand, over one connection.
double bareLoop(World& world, offline_store::Store& store) {
    const courier::DeliverySettings settings;
    const auto batch = store.lease(settings.batchRecords, settings.batchBytes, Milliseconds{0});
    const auto body = courier::formatBatch(*batch);
    const auto request = "POST /v1/transactions HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
                         "\r\n\r\n" + body;
    auto client = std::move(
        *crypto::TlsClient::create(world.pki.caPem(), *world.pki.terminalIdentity(terminal), world.clock));
    auto stream = std::move(*client.connect("127.0.0.1", world.sink.port(), Milliseconds{5'000}, {}));
    stream.setDeadline(Milliseconds{600'000}, {});
    std::string answers;
    const auto start = world.clock.now().monotonic;
    std::size_t sent = 0;
    for (; sent < backlog; sent += batch->size())
        if (!courier::PlayedServer::write(stream, request) ||
            courier::PlayedServer::read(stream, answers).empty())
            std::abort();
    const std::chrono::duration<double> took = world.clock.now().monotonic - start;
    const auto rate = static_cast<double>(sent) / took.count();
    std::printf("  %-34s %9.0f records/s, %zu bytes each in batches of %zu\n",
                "the same bytes from a bare loop", rate, body.size() / batch->size(), batch->size());
    return rate;
}

} // namespace

int main() {
    World world;
    courier::HttpsUpstreamSettings settings;
    settings.host = "127.0.0.1";
    settings.port = world.sink.port();
    settings.caPem = world.pki.caPem();
    settings.identity = *world.pki.terminalIdentity(terminal);
    const auto https = std::move(*courier::HttpsUpstream::create(std::move(settings), world.clock));
    NoNetwork noNetwork;

    std::printf("drain of %zu records:\n", backlog);
    const auto first = world.filledStore("first.db");
    const auto bare = bareLoop(world, *first);
    drain(world, *first, noNetwork, "the courier without a network");
    const auto second = world.filledStore("second.db");
    const auto real = drain(world, *second, *https, "the courier over mutual TLS");
    std::printf("  over mutual TLS it reaches %.2f of the bare loop\n", real / bare);
}
