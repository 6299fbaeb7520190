// A stop ends whatever the upstream waits for, within a second.
#include "tests/mqtt/fixture.h"

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

struct StopFixture : MqttFixture {
    // Runs `wait`, asks it to stop after a while, and gives how long it took from then.
    template <typename Wait>
    Milliseconds stopped(Wait&& wait) {
        std::atomic<MonotonicTime> ended{};
        std::jthread thread([&](const std::stop_token& stop) {
            wait(stop);
            ended = clock.now().monotonic;
        });
        std::this_thread::sleep_for(Milliseconds{300}); // into the state that is meant
        CHECK(ended.load() == MonotonicTime{});
        const auto asked = clock.now().monotonic;
        thread.request_stop();
        thread.join();
        return std::chrono::ceil<Milliseconds>(ended.load() - asked);
    }
    [[nodiscard]] Milliseconds stoppedDelivering(MqttUpstream& mqtt) {
        append(1);
        const auto batch = leaseAll();
        return stopped([&](const std::stop_token& stop) {
            const auto outcome = mqtt.deliver(batch, stop);
            if (outcome || outcome.error().error != Reason::cancelled)
                throw std::runtime_error("not cancelled");
        });
    }
};

} // namespace

TEST_CASE_METHOD(StopFixture, "a stop ends the wait for a receipt") {
    const auto mqtt = upstream(); // and nobody answers
    CHECK(stoppedDelivering(*mqtt) < Milliseconds{1'000});
}

TEST_CASE_METHOD(StopFixture, "a stop ends the wait for a broker that hangs, connected or not") {
    const auto connected = upstream();
    REQUIRE(connected->reportStatus("{}", {}));
    broker.freeze();
    CHECK(stoppedDelivering(*connected) < Milliseconds{1'000});
    const auto fresh = upstream();
    CHECK(stoppedDelivering(*fresh) < Milliseconds{1'000}); // TCP stands, TLS does not
    broker.thaw();
}

TEST_CASE_METHOD(StopFixture,
                 "a stop ends the wait for a network that takes everything and answers nothing") {
    auto made = settings();
    made.brokers = {{"192.0.2.1", 8883}}; // RFC 5737: nobody is there
    const auto mqtt = upstream(std::move(made));
    append(1);
    const auto batch = leaseAll();
    std::atomic<MonotonicTime> ended{};
    std::jthread thread([&](const std::stop_token& stop) {
        static_cast<void>(mqtt->deliver(batch, stop));
        ended = clock.now().monotonic;
    });
    const auto asked = clock.now().monotonic;
    thread.request_stop();
    thread.join();
    CHECK(ended.load() - asked < std::chrono::seconds{1});
}

TEST_CASE_METHOD(StopFixture, "a stop ends the courier's run") {
    quick.bulletinInterval = Milliseconds{60'000};
    const auto mqtt = upstream();
    Courier courier(*store, *mqtt, clock, publisher.publicKey(), quick);
    append(1);
    CHECK(stopped([&](const std::stop_token& stop) { courier.run(stop, [](std::string_view) {}); }) <
          Milliseconds{1'000});
}

TEST_CASE_METHOD(StopFixture, "a broker that hangs or is away is told apart, and given up in time") {
    auto made = settings();
    made.connectTimeout = made.requestTimeout = Milliseconds{300};
    const auto mqtt = upstream(std::move(made));
    REQUIRE(mqtt->reportStatus("{}", {}));
    broker.freeze();
    CHECK(mqtt->reportStatus("{}", {}).error().error == Reason::upstream_timeout);
    CHECK(mqtt->reportStatus("{}", {}).error().error == Reason::upstream_timeout); // while it connects
    broker.thaw();
    REQUIRE(mqtt->reportStatus("{}", {}));
    broker.kill();
    CHECK(mqtt->reportStatus("{}", {}).error().error == Reason::unreachable);
    broker.start();
    REQUIRE(mqtt->reportStatus("{}", {}));
}

TEST_CASE_METHOD(StopFixture, "of several brokers the next one has its turn when one fails") {
    auto made = settings();
    made.brokers = {{"127.0.0.1", test::freePort()}, {"127.0.0.1", broker.port()}};
    const auto mqtt = upstream(std::move(made));
    int failures = 0;
    while (!mqtt->reportStatus("{}", {}) && failures < 3)
        ++failures;
    CHECK(failures <= 1);
    CHECK(mqtt->reportStatus("{}", {}));
}
