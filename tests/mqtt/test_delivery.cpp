#include "tests/mqtt/fixture.h"

using namespace ykt;
using namespace ykt::firmware::courier;
using Verdict = DeliveryReceipt::Verdict;

TEST_CASE_METHOD(MqttFixture, "over MQTT a batch comes signed, and its receipts settle it") {
    Office office(broker.port(), pki, clock);
    const auto mqtt = upstream();
    append(3);
    CHECK_FALSE(mqtt->serverTime());
    const auto receipts = mqtt->deliver(leaseAll(), {});
    REQUIRE(receipts);
    REQUIRE(receipts->size() == 3);
    for (const auto& receipt : *receipts) {
        CHECK(receipt.verdict == Verdict::settled);
        CHECK(receipt.note == "R-" + std::to_string(receipt.sequence));
    }
    CHECK(office.receipts().size() == 3);
    CHECK(office.refused() == 0);
    REQUIRE(mqtt->serverTime());
    CHECK(std::chrono::abs(mqtt->serverTime()->wall - clock.now().wall) < std::chrono::seconds{5});
}

TEST_CASE_METHOD(MqttFixture, "a courier over MQTT empties the store, and tells the status") {
    Office office(broker.port(), pki, clock);
    const auto mqtt = upstream();
    append(500);
    RunningCourier running(*this, *mqtt);
    REQUIRE(eventually([&] { return allAcknowledged(500); }));
    CHECK(office.receipts().size() == 500);
    CHECK(running.courier.link() == Courier::Link::online);
    append(1);
    running.courier.wake();
    REQUIRE(eventually([&] { return allAcknowledged(501); }));
}

TEST_CASE_METHOD(MqttFixture, "a status report is there when the broker has it") {
    Office office(broker.port(), pki, clock);
    const auto mqtt = upstream();
    REQUIRE(mqtt->reportStatus(R"({"terminal":"NX-BUS-0001"})", {}));
    CHECK(eventually([&] { return office.status() == R"({"terminal":"NX-BUS-0001"})"; }));
}

TEST_CASE_METHOD(MqttFixture,
                 "by configuration the broker's acknowledgement settles, and no receipt is awaited") {
    auto made = settings();
    made.settleOn = MqttUpstreamSettings::SettleOn::puback;
    const auto mqtt = upstream(std::move(made));
    append(2);
    const auto receipts = mqtt->deliver(leaseAll(), {});
    REQUIRE(receipts);
    REQUIRE(receipts->size() == 2);
    CHECK(receipts->front().verdict == Verdict::settled);
    CHECK(receipts->front().note == "PUBACK");
}

TEST_CASE_METHOD(MqttFixture,
                 "with a broker killed again and again in mid-batch each record is settled once") {
    Office office(broker.port(), pki, clock);
    quick.batchRecords = 5;
    auto made = settings();
    made.requestTimeout = Milliseconds{500}; // what the broker forgot is sent again soon
    const auto mqtt = upstream(std::move(made));
    append(600);
    RunningCourier running(*this, *mqtt);
    for (std::size_t kills = 0; kills < 4; ++kills) {
        const auto before = office.messages();
        REQUIRE(eventually([&] { return office.messages() > before || allAcknowledged(600); }));
        broker.kill();
        broker.start();
    }
    REQUIRE(eventually([&] { return allAcknowledged(600); }, Milliseconds{60'000}));
    CHECK(office.receipts().size() == 600);
    CHECK(office.refused() == 0);
    const auto receipts = office.receipts();
    const auto records = *store->list(1, 600);
    for (const auto& record : records) {
        REQUIRE(record.note == "R-" + std::to_string(receipts.at(record.id.text())));
    }
}

TEST_CASE_METHOD(MqttFixture,
                 "a receipt that came while the link was down waits in the session and settles") {
    std::mutex mutex;
    std::vector<std::string> held;
    {
        Office office(broker.port(), pki, clock);
        office.lieWith([&](const auto&, const std::string& answer) {
            const std::scoped_lock lock(mutex);
            held.push_back(answer);
            return std::vector<std::string>{};
        });
        auto made = settings();
        made.requestTimeout = Milliseconds{300};
        const auto mqtt = upstream(std::move(made));
        append(1);
        CHECK(mqtt->deliver(leaseAll(), {}).error().error == Reason::upstream_timeout);
        REQUIRE(eventually([&] { return office.messages() == 1; }));
    } // nobody is there any more who could answer
    {
        test::MqttClient collector(broker.port(), "collector", pki);
        collector.publish("ykt/v1/" + terminalName + "/receipts", held.at(0));
        broker.stop(); // and the broker restarts meanwhile
    }
    broker.start();
    REQUIRE(store->release({1}, true));
    const auto mqtt = upstream();
    const auto receipts = mqtt->deliver(leaseAll(), {});
    REQUIRE(receipts);
    CHECK(receipts->front().note == "R-1");
    CHECK_FALSE(mqtt->serverTime()); // it is the time of then
}

TEST_CASE_METHOD(MqttFixture, "a batch larger than a message may be is not sent but halved") {
    Office office(broker.port(), pki, clock);
    auto made = settings();
    made.mostMessageBytes = 6'000;
    const auto mqtt = upstream(std::move(made));
    append(20);
    REQUIRE(store->append({offline_store::RecordClass::money, "ride", Bytes(8'000, ' '), {}}));
    RunningCourier running(*this, *mqtt);
    REQUIRE(eventually([&] { return allAcknowledged(20) && store->counts()->dead == 1; }));
    CHECK(store->list(21, 1)->front().state == offline_store::DeliveryState::dead);
    CHECK(office.receipts().size() == 20);
}
