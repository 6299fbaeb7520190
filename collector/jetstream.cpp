#include "collector/jetstream.h"

#include "base/base64.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace ykt::collector {

namespace {

using nlohmann::json;

constexpr int streamNotFound = 10059; // err_code
constexpr unsigned noMessages = 404;
constexpr unsigned requestTimedOut = 408;
constexpr unsigned idleHeartbeat = 100;
constexpr Milliseconds answerLag{2'000}; // after the server has given up waiting

struct ApiAnswer {
    json object;
    int errorCode = 0; // JetStream's; 0: none
    std::string errorText;
};

// Errors: of request; reply_malformed.
Result<ApiAnswer> ask(NatsClient& client, const std::string& subject, const json& question,
                      Milliseconds timeout, const std::stop_token& stop) {
    const auto answer = client.request(subject, question.is_null() ? "" : question.dump(), timeout, stop);
    if (!answer)
        return failWith(answer);
    ApiAnswer read{json::parse(answer->payload, nullptr, false), 0, {}};
    if (!read.object.is_object())
        return fail(Reason::reply_malformed, "JetStream: the answer to " + subject);
    if (const auto error = read.object.find("error"); error != read.object.end()) {
        if (!error->is_object())
            return fail(Reason::reply_malformed, "JetStream: an error");
        read.errorCode = error->value("err_code", -1);
        read.errorText = error->value("description", std::string("no description"));
    }
    return read;
}

tl::unexpected<Error> rejected(const ApiAnswer& answer) {
    return fail(Reason::upstream_rejected, "JetStream: " + answer.errorText);
}

std::int64_t nanoseconds(Milliseconds time) {
    return std::chrono::nanoseconds(time).count();
}

std::vector<std::string_view> tokens(std::string_view subject) {
    std::vector<std::string_view> tokens;
    for (;;) {
        const auto dot = subject.find('.');
        tokens.push_back(subject.substr(0, dot));
        if (dot == std::string_view::npos)
            return tokens;
        subject.remove_prefix(dot + 1);
    }
}

bool readNumber(std::string_view text, std::uint64_t& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc() && end == text.data() + text.size();
}

} // namespace

Result<StreamMessage> readDelivery(NatsMessage message) {
    constexpr std::size_t shortForm = 9;
    constexpr std::size_t longForm = 11; // at least: a domain and an account before the stream, more behind
    const auto parts = tokens(message.replyTo);
    StreamMessage delivered;
    const bool known = parts.size() == shortForm || parts.size() >= longForm;
    const std::size_t at = parts.size() == shortForm ? 4 : 6;
    if (!known || parts[0] != "$JS" || parts[1] != "ACK" || !readNumber(parts[at], delivered.deliveries) ||
        !readNumber(parts[at + 1], delivered.streamSequence) || !readNumber(parts[at + 4], delivered.pending))
        return fail(Reason::reply_malformed, "JetStream: the reply subject of a message");
    delivered.message = std::move(message);
    return delivered;
}

Result<std::optional<StreamInfo>> JetStream::streamInfo(const std::string& name,
                                                        const std::stop_token& stop) {
    const auto answer = ask(client_, "$JS.API.STREAM.INFO." + name, {}, timeout_, stop);
    if (!answer)
        return failWith(answer);
    if (answer->errorCode == streamNotFound)
        return std::nullopt;
    if (answer->errorCode != 0)
        return rejected(*answer);
    try {
        const auto& state = answer->object.at("state");
        StreamInfo info{state.at("messages").get<std::uint64_t>(),
                        state.at("first_seq").get<std::uint64_t>(),
                        state.at("last_seq").get<std::uint64_t>(),
                        answer->object.at("config").at("num_replicas").get<unsigned>(),
                        {}};
        if (const auto cluster = answer->object.find("cluster"); cluster != answer->object.end())
            info.leader = cluster->value("leader", std::string());
        return info;
    } catch (const json::exception&) {
        return fail(Reason::reply_malformed, "JetStream: a stream's state");
    }
}

Result<void> JetStream::ensureStream(const StreamSettings& settings, const std::stop_token& stop) {
    const auto there = streamInfo(settings.name, stop);
    if (!there)
        return failWith(there);
    if (*there)
        return {};
    const json config{{"name", settings.name},
                      {"subjects", settings.subjects},
                      {"retention", "limits"},
                      {"storage", "file"},
                      {"discard", "old"},
                      {"num_replicas", settings.replicas},
                      {"max_age", nanoseconds(settings.maxAge)},
                      {"max_bytes", settings.maxBytes},
                      {"duplicate_window", nanoseconds(settings.duplicateWindow)}};
    const auto answer = ask(client_, "$JS.API.STREAM.CREATE." + settings.name, config, timeout_, stop);
    if (!answer)
        return failWith(answer);
    if (answer->errorCode != 0)
        return rejected(*answer);
    return {};
}

Result<void> JetStream::ensureConsumer(const ConsumerSettings& settings, const std::stop_token& stop) {
    json config{{"durable_name", settings.durable},
                {"deliver_policy", "all"},
                {"ack_policy", "explicit"},
                {"replay_policy", "instant"},
                {"ack_wait", nanoseconds(settings.ackWait)},
                {"max_deliver", -1},
                {"max_ack_pending", settings.mostPending}};
    if (!settings.filterSubject.empty())
        config["filter_subject"] = settings.filterSubject;
    const auto answer =
        ask(client_, "$JS.API.CONSUMER.DURABLE.CREATE." + settings.stream + "." + settings.durable,
            {{"stream_name", settings.stream}, {"config", std::move(config)}}, timeout_, stop);
    if (!answer)
        return failWith(answer);
    if (answer->errorCode != 0)
        return rejected(*answer);
    return {};
}

Result<void> JetStream::pull(const ConsumerSettings& consumer, const std::string& question, std::size_t most,
                             Milliseconds patience, std::vector<StreamMessage>& into,
                             const std::stop_token& stop) {
    const auto inbox = client_.newInbox();
    const auto subscription = client_.subscribe(inbox);
    client_.publish("$JS.API.CONSUMER.MSG.NEXT." + consumer.stream + "." + consumer.durable, question, inbox);
    Result<void> result;
    while (into.size() < most) {
        auto message = client_.nextOf(subscription, patience, stop);
        if (!message || !*message) { // silence: the server, or the consumer's leader, is gone
            result = message ? fail(Reason::upstream_timeout, "JetStream: no answer to a pull")
                             : failWith(message);
            break;
        }
        const auto status = statusOf(**message);
        if (status == noMessages || status == requestTimedOut)
            break;
        if (status && status != idleHeartbeat) {
            result = fail(Reason::unreachable, "JetStream: the pull ended with " + std::to_string(*status));
            break;
        }
        if (status)
            continue;
        auto delivered = readDelivery(std::move(**message));
        if (!delivered) {
            result = failWith(delivered);
            break;
        }
        into.push_back(std::move(*delivered));
    }
    client_.unsubscribe(subscription);
    return result;
}

// Two pulls: the first takes what is there and says so when that is nothing; only then the second waits.
Result<std::vector<StreamMessage>> JetStream::fetch(const ConsumerSettings& consumer, std::size_t most,
                                                    Milliseconds within, const std::stop_token& stop) {
    std::vector<StreamMessage> fetched;
    const auto atOnce = json{{"batch", most}, {"no_wait", true}}.dump();
    auto taken = pull(consumer, atOnce, most, timeout_, fetched, stop);
    if (taken && fetched.empty()) {
        const auto later = json{{"batch", 1}, {"expires", nanoseconds(within)}}.dump();
        taken = pull(consumer, later, 1, within + answerLag, fetched, stop);
    }
    // What has come is not lost by what failed after it; the failure will show again.
    if (!taken && fetched.empty())
        return failWith(taken);
    return fetched;
}

Result<NatsMessage> JetStream::messageAt(const std::string& stream, std::uint64_t sequence,
                                         const std::stop_token& stop) {
    const auto answer = ask(client_, "$JS.API.STREAM.MSG.GET." + stream, {{"seq", sequence}}, timeout_, stop);
    if (!answer)
        return failWith(answer);
    if (answer->errorCode != 0)
        return rejected(*answer);
    try {
        const auto& stored = answer->object.at("message");
        const auto payload = fromBase64(stored.value("data", std::string()));
        if (!payload)
            return fail(Reason::reply_malformed, "JetStream: a stored message");
        return NatsMessage{stored.at("subject").get<std::string>(), 0, {}, {}, toText(*payload)};
    } catch (const json::exception&) {
        return fail(Reason::reply_malformed, "JetStream: a stored message");
    }
}

} // namespace ykt::collector
