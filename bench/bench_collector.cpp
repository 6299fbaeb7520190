// How many records a second the collector takes over mutual TLS into SQLite, every check on, against a sink
// that answers the same requests without reading them.
//   bench_collector [terminals=4] [batches=50] [records=1000]
#include "collector/receiver.h"
#include "collector/sqlite_ledger.h"
#include "crypto/tls_sync_stream.h"
#include "drivers/system/clock.h"
#include "sim/pki.h"
#include "tests/collector/played_terminal.h"
#include "tests/temporary_folder.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <thread>

namespace {

using namespace ykt;
namespace http = boost::beast::http;

struct Load {
    std::string terminal;
    std::vector<std::string> bodies;
};

std::vector<Load> makeLoads(std::size_t terminals, std::size_t batches, std::size_t records) {
    std::vector<Load> loads;
    for (std::size_t t = 0; t < terminals; ++t) {
        collector::PlayedTerminal terminal{"NX-BUS-" + std::to_string(t), 1, 0, {}};
        Load load{terminal.name, {}};
        for (std::size_t i = 0; i < batches; ++i) {
            auto batch = terminal.of({});
            for (std::size_t k = 0; k < records; ++k)
                batch.records.push_back(terminal.record(std::string(250, 'x')));
            load.bodies.push_back(toJson(batch));
        }
        loads.push_back(std::move(load));
    }
    return loads;
}

void deliver(const Load& load, std::uint16_t port, const sim::Pki& pki, const hal::Clock& clock) {
    auto tls =
        crypto::TlsClient::create(pki.caPem(), pki.terminalIdentity(load.terminal).value(), clock).value();
    crypto::TlsSyncStream stream(tls.connect("127.0.0.1", port, Milliseconds{10'000}, {}).value());
    boost::beast::flat_buffer buffer;
    for (const auto& body : load.bodies) {
        http::request<http::string_body> request(http::verb::post, "/v1/transactions", 11);
        request.body() = body;
        request.prepare_payload();
        stream.tls().setDeadline(Milliseconds{60'000}, {});
        http::write(stream, request);
        http::response<http::string_body> response;
        http::read(stream, buffer, response);
        if (response.result_int() != 200)
            throw std::runtime_error("status " + std::to_string(response.result_int()));
    }
}

struct Cost {
    double seconds = 0;
    double processor = 0; // seconds of both ends: what a busy machine does not blur
};

// Until all loads are delivered, one connection each.
Cost run(const std::vector<Load>& loads, const sim::Pki& pki, const hal::Clock& clock,
         const collector::HttpServer::Handler& handler) {
    collector::HttpServer server(
        crypto::TlsServer::create(pki.caPem(), pki.serverIdentity().value(), clock).value(), clock, handler);
    const auto port = server.listen(0).value();
    const auto begin = std::chrono::steady_clock::now();
    const auto worked = std::clock();
    {
        std::vector<std::jthread> threads;
        for (const auto& load : loads)
            threads.emplace_back([&] { deliver(load, port, pki, clock); });
    }
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
            static_cast<double>(std::clock() - worked) / CLOCKS_PER_SEC};
}

} // namespace

int main(int argc, char** argv) {
    const auto number = [&](int index, std::size_t otherwise) {
        return argc > index ? std::stoul(argv[index]) : otherwise;
    };
    const auto terminals = number(1, 4);
    const auto batches = number(2, 50);
    const auto records = number(3, 1000);
    const drivers::SystemClock clock;
    const auto pki = sim::Pki::create(clock.now().wall).value();
    const auto loads = makeLoads(terminals, batches, records);
    const auto total = static_cast<double>(terminals * batches * records);

    const auto sink = run(loads, pki, clock, [](const auto&, const auto&) {
        return collector::HttpAnswer{200, R"({"receipts":[]})"};
    });
    const test::TemporaryFolder folder(".");
    const auto ledger = collector::SqliteLedger::open(folder.path() / "ledger.db", clock).value();
    collector::Receiver receiver(*ledger, {});
    const auto settling =
        run(loads, pki, clock, [&](const auto& request, const auto&) { return receiver.answer(request); });
    const auto again =
        run(loads, pki, clock, [&](const auto& request, const auto&) { return receiver.answer(request); });
    std::printf("%.0f records of 250 bytes, %zu terminals, batches of %zu\n", total, terminals, records);
    const auto print = [&](const char* what, const Cost& cost) {
        std::printf("%-12s %9.0f records/s, %.2f of the sink; %9.0f records a second of processor\n", what,
                    total / cost.seconds, sink.seconds / cost.seconds, total / cost.processor);
    };
    print("sink", sink);
    print("settled", settling);
    print("come again", again);
    return receiver.settledRecords() == static_cast<std::uint64_t>(2 * total) ? 0 : 1;
}
