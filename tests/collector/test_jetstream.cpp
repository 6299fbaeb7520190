#include "collector/jetstream.h"
#include "tests/collector/nats_server.h"
#include "tests/eventually.h"
#include "tests/must.h"

#include <thread>

namespace ykt::collector {

using test::connectTo;
using test::eventually;
using test::must;
using test::soon;

TEST_CASE("NATS: publish, subscribe, request, and what fails") {
    const drivers::SystemClock clock;
    test::NatsServer server;
    const auto one = connectTo(server, clock);
    const auto two = connectTo(server, clock);
    one->subscribe("greetings.*");
    REQUIRE(one->flush(soon, {}));
    const std::string large(900'000, 'x');
    two->publish("greetings.small", "hello\r\n", "answer.here");
    two->publish("greetings.large", large);
    REQUIRE(two->flush(soon, {}));
    const auto small = one->next(soon, {});
    REQUIRE(small);
    CHECK((*small)->subject == "greetings.small");
    CHECK((*small)->payload == "hello\r\n");
    CHECK((*small)->replyTo == "answer.here");
    CHECK((*one->next(soon, {}))->payload == large);
    CHECK_FALSE(*one->next(Milliseconds{10}, {}));

    CHECK(one->request("nobody.there", "", soon, {}).error() == Reason::unreachable);
    std::jthread answering([&] {
        two->subscribe("question");
        if (const auto question = two->next(soon, {}); question && *question)
            two->publish((*question)->replyTo, "answer to " + (*question)->payload);
        two->flush(soon, {});
    });
    REQUIRE(eventually([&] {
        const auto answer = one->request("question", "7", soon, {});
        return answer && answer->payload == "answer to 7";
    }));

    auto wrong = test::withPassword();
    wrong.password = Secret::copyOf(asBytes("guess"));
    CHECK(NatsClient::connect(server.address(), wrong, clock, soon, {}).error() == Reason::upstream_rejected);
    CHECK(NatsClient::connect({"127.0.0.1", test::freePort()}, {}, clock, soon, {}).error() ==
          Reason::unreachable);
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    CHECK(one->next(Milliseconds{60'000}, stop.get_token()).error() == Reason::cancelled);
    server.kill();
    CHECK(two->next(soon, {}).error() == Reason::unreachable);
}

TEST_CASE("NATS over TLS: both sides are authenticated") {
    const drivers::SystemClock clock;
    const auto pki = *sim::Pki::create(clock.now().wall);
    const auto stranger = *sim::Pki::create(clock.now().wall, "Another CA");
    test::NatsServer server(&pki);
    const auto with = [&](const sim::Pki& trusted, const sim::Pki& own) {
        NatsSettings settings;
        settings.caPem = trusted.caPem();
        settings.identity = *own.terminalIdentity("collector");
        return NatsClient::connect(server.address(), settings, clock, soon, {});
    };
    const auto client = with(pki, pki);
    INFO((client ? "" : explain(client.error())));
    REQUIRE(client);
    CHECK((*client)->flush(soon, {}));
    CHECK(with(stranger, pki).error() == Reason::upstream_untrusted);
    CHECK_FALSE(with(pki, stranger));
    CHECK_FALSE(NatsClient::connect(server.address(), {}, clock, soon, {})); // in the clear
}

TEST_CASE("JetStream: a stream is made once, pulled from in order, and remembers what was acknowledged") {
    const drivers::SystemClock clock;
    test::NatsServer server;
    const auto client = connectTo(server, clock);
    JetStream stream(*client);
    const StreamSettings settings{"rides", {"ride.*"}};
    CHECK_FALSE(*stream.streamInfo("rides", {}));
    REQUIRE(stream.ensureStream(settings, {}));
    REQUIRE(stream.ensureStream(settings, {}));
    ConsumerSettings consumer;
    consumer.stream = "rides";
    consumer.durable = "till";
    consumer.ackWait = Milliseconds{300};
    REQUIRE(stream.ensureConsumer(consumer, {}));
    REQUIRE(stream.ensureConsumer(consumer, {}));
    CHECK(must(stream.fetch(consumer, 10, Milliseconds{20}, {})).empty());
    for (int i = 0; i < 5; ++i)
        client->publish("ride." + std::to_string(i), "fare " + std::to_string(i));
    REQUIRE(client->flush(soon, {}));
    CHECK((*stream.streamInfo("rides", {}))->messages == 5);
    CHECK(stream.messageAt("rides", 2, {})->payload == "fare 1");
    CHECK(stream.messageAt("rides", 9, {}).error() == Reason::upstream_rejected);

    const auto few = must(stream.fetch(consumer, 2, soon, {}));
    REQUIRE(few.size() == 2);
    CHECK(few[0].message.payload == "fare 0");
    CHECK(few[1].streamSequence == 2);
    CHECK(few[1].deliveries == 1);
    CHECK(few[1].pending == 3);
    stream.acknowledge(few[0]);
    auto rest = must(stream.fetch(consumer, 100, soon, {})); // fewer than were asked for, without waiting
    CHECK(rest.size() == 3);
    for (const auto& message : rest)
        stream.acknowledge(message);
    // The one that was not acknowledged comes again, and only that one.
    const auto again = must(stream.fetch(consumer, 100, soon, {}));
    REQUIRE(again.size() == 1);
    CHECK(again[0].message.payload == "fare 1");
    CHECK(again[0].deliveries == 2);
    stream.giveBack(again[0]);
    const auto third = must(stream.fetch(consumer, 100, soon, {}));
    REQUIRE(third.size() == 1);
    CHECK(third[0].deliveries == 3);
    stream.discard(third[0]);
    CHECK(must(stream.fetch(consumer, 100, Milliseconds{600}, {})).empty());
}

} // namespace ykt::collector
