// The part of NATS JetStream's API that the collector needs (docs.nats.io, "JetStream wire API"): a stream, a
// durable consumer that is pulled, acknowledgements. Errors, if nothing else is said: of NatsClient::request;
// upstream_rejected with what JetStream says; reply_malformed.
#pragma once

#include "collector/nats_client.h"

#include <vector>

namespace ykt::collector {

struct StreamSettings {
    std::string name;
    std::vector<std::string> subjects;
    unsigned replicas = 1;
    std::chrono::seconds maxAge{0};            // 0: messages stay until the stream is full
    std::int64_t maxBytes = -1;                // -1: no limit; beyond it the oldest go
    std::chrono::seconds duplicateWindow{120}; // within which one Nats-Msg-Id is stored once
};

struct StreamInfo {
    std::uint64_t messages = 0;
    std::uint64_t firstSequence = 0;
    std::uint64_t lastSequence = 0;
    unsigned replicas = 0;
    std::string leader; // server's name; empty: none, or not clustered
};

struct ConsumerSettings {
    std::string stream;
    std::string durable;       // the name under which the server remembers what was acknowledged
    std::string filterSubject; // empty: all of the stream's
    Milliseconds ackWait{30'000};
    std::int64_t mostPending = 4096; // delivered and not acknowledged
};

struct StreamMessage {
    NatsMessage message;
    std::uint64_t streamSequence = 0;
    std::uint64_t deliveries = 0; // 1: this is the first
    std::uint64_t pending = 0;    // how many wait behind it
};

class JetStream {
  public:
    // The client outlives it.
    explicit JetStream(NatsClient& client, Milliseconds timeout = Milliseconds{5'000})
        : client_(client), timeout_(timeout) {}

    // nullopt: there is no such stream.
    Result<std::optional<StreamInfo>> streamInfo(const std::string& name, const std::stop_token& stop);
    // Makes the stream if there is none of this name; one that is there stays as it is.
    Result<void> ensureStream(const StreamSettings& settings, const std::stop_token& stop);
    // The same settings again change nothing.
    Result<void> ensureConsumer(const ConsumerSettings& settings, const std::stop_token& stop);

    // At most `most` messages, as soon as one is there and no others are on their way; empty: none came
    // within.
    Result<std::vector<StreamMessage>> fetch(const ConsumerSettings& consumer, std::size_t most,
                                             Milliseconds within, const std::stop_token& stop);

    // One message of the stream, whatever consumers have done with it.
    Result<NatsMessage> messageAt(const std::string& stream, std::uint64_t sequence,
                                  const std::stop_token& stop);

    // Sent with the client's next operation. Not told again: the message is done with.
    void acknowledge(const StreamMessage& message) { answer(message, "+ACK"); }
    // Comes again at once, to this or another collector.
    void giveBack(const StreamMessage& message) { answer(message, "-NAK"); }
    // Never comes again, although it was not processed.
    void discard(const StreamMessage& message) { answer(message, "+TERM"); }

  private:
    // Ends when so many have come or the server has no more. Errors: as fetch; what came before is in `into`.
    Result<void> pull(const ConsumerSettings& consumer, const std::string& question, std::size_t most,
                      Milliseconds patience, std::vector<StreamMessage>& into, const std::stop_token& stop);
    void answer(const StreamMessage& message, std::string_view what) {
        client_.publish(message.message.replyTo, what);
    }

    NatsClient& client_;
    Milliseconds timeout_;
};

// What the reply subject of a delivered message tells: "$JS.ACK.stream.consumer.deliveries.sequence...", or
// the longer form with a domain and an account. Errors: reply_malformed.
Result<StreamMessage> readDelivery(NatsMessage message);

} // namespace ykt::collector
