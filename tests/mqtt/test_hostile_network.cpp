// Whatever the network between terminal and broker does, each record is settled once.
#include "tests/courier/hostile_proxy.h"
#include "tests/mqtt/fixture.h"

#include <random>

using namespace ykt;
using namespace ykt::firmware::courier;

TEST_CASE_METHOD(MqttFixture,
                 "over a network of nothing but faults a hundred records and more arrive, each once") {
    Office office(broker.port(), pki, clock);
    HostileProxy proxy(broker.port());
    std::mt19937 dice(20261130); // NOLINT(bugprone-random-generator-seed): the same faults each time
    using Fault = HostileProxy::Fault;
    constexpr std::size_t faults = 30;
    constexpr std::size_t most = 9'000; // bytes of a way: handshake, CONNECT, some batches or their receipts
    for (std::size_t i = 0; i < faults; ++i)
        proxy.script({std::array{Fault::close, Fault::reset, Fault::silence, Fault::stall, Fault::trickle}.at(
                          dice() % 5),
                      dice() % 2 == 0 ? HostileProxy::Way::up : HostileProxy::Way::down, dice() % most});
    auto made = settings();
    made.brokers = {{"127.0.0.1", proxy.port()}};
    made.connectTimeout = made.requestTimeout = Milliseconds{500};
    const auto mqtt = upstream(std::move(made));
    quick.batchRecords = 8;
    quick.firstBackoff = quick.longestBackoff = Milliseconds{5};
    RunningCourier running(*this, *mqtt);
    std::uint64_t count = 0;
    REQUIRE(eventually(
        [&] { // until each fault has had its connection
            const bool all = allAcknowledged(count);
            if (all && count >= 100 && proxy.connections() > faults)
                return true;
            if (all) {
                append(10);
                count += 10;
                running.courier.wake();
            }
            return false;
        },
        Milliseconds{60'000}));

    const auto receipts = office.receipts();
    CHECK(receipts.size() == count);
    const auto records = *store->list(1, count + 1);
    REQUIRE(records.size() == count);
    for (const auto& record : records)
        REQUIRE(record.note == "R-" + std::to_string(receipts.at(record.id.text())));
}
