#include "collector/jetstream.h"

#include <catch2/catch.hpp>

namespace ykt::collector {

namespace {

template <typename Event>
Event next(NatsParser& parser) {
    auto event = parser.next();
    INFO((event ? "" : explain(event.error())));
    REQUIRE(event);
    REQUIRE(*event);
    REQUIRE(std::holds_alternative<Event>(**event));
    return std::get<Event>(**event);
}

constexpr std::string_view conversation =
    "INFO {\"server_id\":\"x\"}\r\nPING\r\n+OK\r\nMSG a.b 7 5\r\nhe\r\n!\r\n"
    "MSG a.b 8 reply.to 0\r\n\r\nHMSG a 9 _INBOX.1 30 32\r\n"
    "NATS/1.0 404 No Messages\r\n\r\n\r\nhi\r\nPONG\r\n-ERR 'Bad'\r\n";

void expectConversation(NatsParser& parser) {
    CHECK(next<NatsInfo>(parser).json == R"({"server_id":"x"})");
    next<NatsPing>(parser);
    next<NatsOk>(parser);
    const auto first = next<NatsMessage>(parser);
    CHECK(first.subject == "a.b");
    CHECK(first.subscription == 7);
    CHECK(first.replyTo.empty());
    CHECK(first.payload == "he\r\n!");
    const auto second = next<NatsMessage>(parser);
    CHECK(second.replyTo == "reply.to");
    CHECK(second.payload.empty());
    CHECK_FALSE(statusOf(second));
    const auto third = next<NatsMessage>(parser);
    CHECK(third.replyTo == "_INBOX.1");
    CHECK(third.payload == "hi");
    CHECK(statusOf(third) == 404);
    next<NatsPong>(parser);
    CHECK(next<NatsError>(parser).text == "'Bad'");
    CHECK_FALSE(*parser.next());
}

} // namespace

TEST_CASE("NATS: what a server sends is cut right, in whatever pieces it comes") {
    NatsParser whole;
    whole.feed(conversation);
    expectConversation(whole);

    for (std::size_t cut = 0; cut <= conversation.size(); ++cut) {
        NatsParser parser;
        std::vector<NatsEvent> events;
        for (const auto piece : {conversation.substr(0, cut), conversation.substr(cut)}) {
            parser.feed(piece);
            for (auto event = *parser.next(); event; event = *parser.next())
                events.push_back(std::move(*event));
        }
        CHECK(events.size() == 8);
    }
}

TEST_CASE("NATS: what is not the protocol is an error and never a wait for ever") {
    for (const std::string_view line :
         {"HELLO\r\n", "\r\n", "MSG a 1\r\n", "MSG a b c d e\r\n", "MSG a x 1\r\n", "MSG a 1 -1\r\n",
          "MSG a 1 18446744073709551616\r\n", "MSG a 1 99999999999\r\n", "HMSG a 1 5 4\r\n", "HMSG a 1 4\r\n",
          "MSG a 1 2\r\nabcd", "msg a 1 0\r\n\r\n"}) {
        INFO(line);
        NatsParser parser;
        parser.feed(line);
        CHECK(parser.next().error() == Reason::reply_malformed);
    }
    NatsParser endless;
    endless.feed(std::string(NatsParser::longestLine, 'x'));
    CHECK(endless.next().error() == Reason::reply_malformed);
}

TEST_CASE("NATS: a status is read from the first line of headers only") {
    const auto status = [](const char* headers) { return statusOf({{}, 0, {}, headers, {}}); };
    CHECK(status("NATS/1.0 408 Request Timeout\r\n\r\n") == 408);
    CHECK(status("NATS/1.0 503\r\n\r\n") == 503);
    CHECK_FALSE(status("NATS/1.0\r\nNats-Msg-Id: 404\r\n\r\n"));
    CHECK_FALSE(status("NATS/1.0 4x4\r\n\r\n"));
    CHECK_FALSE(status("HTTP/1.1 404\r\n\r\n"));
    CHECK_FALSE(status(""));
}

TEST_CASE("JetStream: what a delivery's reply subject tells is read in both of its forms") {
    const auto sequence = [](const char* replyTo) {
        return readDelivery({{}, 0, replyTo, {}, {}}).map([](const StreamMessage& message) {
            return std::array{message.deliveries, message.streamSequence, message.pending};
        });
    };
    CHECK(*sequence("$JS.ACK.stream.consumer.2.77.3.1795000000000000000.9") ==
          std::array<std::uint64_t, 3>{2, 77, 9});
    CHECK(*sequence("$JS.ACK.domain.hash.stream.consumer.2.77.3.1795000000000000000.9.token") ==
          std::array<std::uint64_t, 3>{2, 77, 9});
    for (const auto* wrong :
         {"", "$JS.ACK", "$JS.ACK.s.c.x.77.3.1.9", "$JS.NAK.s.c.2.77.3.1.9", "$JS.ACK.s.c.2.77.3.1.9.8"})
        CHECK(sequence(wrong).error() == Reason::reply_malformed);
}

} // namespace ykt::collector
