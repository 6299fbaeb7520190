#include "collector/nats_client.h"

#include "base/hex.h"
#include "crypto/random.h"
#include "crypto/tcp.h"

#include <deque>
#include <nlohmann/json.hpp>
#include <set>

namespace ykt::collector {

namespace {

using nlohmann::json;

constexpr unsigned noResponders = 503;
constexpr std::size_t readAtOnce = 64 * 1024;
constexpr std::uint64_t inboxSubscription = 1;

} // namespace

struct NatsClient::Impl {
    Impl(crypto::TcpStream tcp, std::string prefix)
        : stream(std::move(tcp)), inboxPrefix(std::move(prefix)) {}

    template <typename Work>
    auto with(Work&& work) {
        return std::visit([&](auto& connection) { return work(connection); }, stream);
    }
    void setDeadline(Milliseconds within, const std::stop_token& stop) {
        with([&](auto& connection) { connection.setDeadline(within, stop); });
    }

    Result<void> sendAll() {
        std::string_view rest = out;
        while (!rest.empty()) {
            const auto sent = with([&](auto& connection) { return connection.writeSome(asBytes(rest)); });
            if (!sent)
                return failWith(sent);
            rest.remove_prefix(*sent);
        }
        out.clear();
        return {};
    }

    // The next event, answering PING. Errors: as TcpStream::readSome; reply_malformed; upstream_rejected.
    Result<NatsEvent> nextEvent() {
        for (;;) {
            auto event = parser.next();
            if (!event)
                return failWith(event);
            if (!*event) {
                if (const auto more = readMore(); !more)
                    return failWith(more);
                continue;
            }
            if (const auto* error = std::get_if<NatsError>(&**event))
                return fail(Reason::upstream_rejected, "NATS: " + error->text);
            if (!std::holds_alternative<NatsPing>(**event))
                return std::move(**event);
            out += "PONG\r\n";
            if (const auto sent = sendAll(); !sent)
                return failWith(sent);
        }
    }

    Result<void> readMore() {
        const auto got = with([&](auto& connection) {
            return connection.readSome({reinterpret_cast<std::uint8_t*>(input.data()), input.size()});
        });
        if (!got)
            return failWith(got);
        if (*got == 0)
            return fail(Reason::unreachable, "NATS: the server closed the connection");
        parser.feed(std::string_view(input.data(), *got));
        return {};
    }

    // Answers that come too late, and what was unsubscribed from, are nobody's any more.
    void keep(NatsMessage message) {
        if (subscribed.contains(message.subscription))
            kept.push_back(std::move(message));
    }

    // The first message for which `wanted` holds; others are kept.
    template <typename Wanted>
    Result<std::optional<NatsMessage>> await(Milliseconds within, const std::stop_token& stop,
                                             Wanted&& wanted) {
        setDeadline(within, stop);
        if (const auto sent = sendAll(); !sent)
            return failWith(sent);
        const auto found = std::find_if(kept.begin(), kept.end(), wanted);
        if (found != kept.end()) {
            std::optional<NatsMessage> message(std::move(*found));
            kept.erase(found);
            return message;
        }
        for (;;) {
            auto event = nextEvent();
            if (!event && event.error() == Reason::upstream_timeout)
                return std::nullopt;
            if (!event)
                return failWith(event);
            auto* message = std::get_if<NatsMessage>(&*event);
            if (message && wanted(*message))
                return std::move(*message);
            if (message)
                keep(std::move(*message));
        }
    }

    std::optional<crypto::TlsClient> tls; // outlives the stream
    std::variant<crypto::TcpStream, crypto::TlsStream> stream;
    std::string inboxPrefix; // with a dot at its end
    std::uint64_t inboxes = 0;
    std::uint64_t subscriptions = inboxSubscription;
    std::set<std::uint64_t> subscribed;
    NatsParser parser;
    std::string input = std::string(readAtOnce, '\0');
    std::string out;
    std::deque<NatsMessage> kept;

    // The server speaks first; what it says decides whether TLS follows.
    Result<void> greet(const NatsServer& server, const NatsSettings& settings, const hal::Clock& clock,
                       Milliseconds timeout, const std::stop_token& stop) {
        setDeadline(timeout, stop);
        const auto first = nextEvent();
        if (!first)
            return failWith(first);
        const auto* greeting = std::get_if<NatsInfo>(&*first);
        const auto info = greeting ? json::parse(greeting->json, nullptr, false) : json();
        if (!info.is_object())
            return fail(Reason::reply_malformed, "NATS: INFO");
        if (!settings.caPem.empty())
            if (const auto secured = secure(server, settings, clock, timeout, stop); !secured)
                return secured;
        json options{{"verbose", false}, {"pedantic", false},     {"headers", true},
                     {"lang", "c++"},    {"version", "1"},        {"name", settings.name},
                     {"protocol", 1},    {"no_responders", true}, {"tls_required", !settings.caPem.empty()}};
        if (!settings.user.empty()) {
            options["user"] = settings.user;
            options["pass"] = toText(settings.password.reveal());
        }
        out = "CONNECT " + options.dump() + "\r\nSUB " + inboxPrefix + "* " +
              std::to_string(inboxSubscription) + "\r\n";
        return ping();
    }

    Result<void> secure(const NatsServer& server, const NatsSettings& settings, const hal::Clock& clock,
                        Milliseconds timeout, const std::stop_token& stop) {
        auto client = crypto::TlsClient::create(settings.caPem, settings.identity, clock);
        if (!client)
            return failWith(client);
        tls = std::move(*client);
        auto secured =
            tls->secure(std::move(std::get<crypto::TcpStream>(stream)), server.host, timeout, stop);
        if (!secured)
            return failWith(secured);
        stream = std::move(*secured);
        setDeadline(timeout, stop);
        return {};
    }

    Result<void> ping() {
        out += "PING\r\n";
        if (const auto sent = sendAll(); !sent)
            return failWith(sent);
        for (;;) {
            auto event = nextEvent();
            if (!event)
                return failWith(event);
            if (std::holds_alternative<NatsPong>(*event))
                return {};
            if (auto* message = std::get_if<NatsMessage>(&*event))
                keep(std::move(*message));
        }
    }
};

NatsClient::NatsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
NatsClient::~NatsClient() = default;

Result<std::unique_ptr<NatsClient>> NatsClient::connect(const NatsServer& server,
                                                        const NatsSettings& settings, const hal::Clock& clock,
                                                        Milliseconds timeout, const std::stop_token& stop) {
    auto tcp = crypto::TcpStream::connect(server.host, server.port, timeout, stop);
    if (!tcp)
        return failWith(tcp);
    const auto random = crypto::randomBytes(12);
    if (!random)
        return failWith(random);
    auto impl = std::make_unique<Impl>(std::move(*tcp), "_INBOX." + toHex(*random) + ".");
    if (const auto greeted = impl->greet(server, settings, clock, timeout, stop); !greeted)
        return failWith(greeted);
    return std::unique_ptr<NatsClient>(new NatsClient(std::move(impl)));
}

void NatsClient::publish(std::string_view subject, std::string_view payload, std::string_view replyTo) {
    auto& out = impl_->out;
    out.append("PUB ").append(subject).append(" ");
    if (!replyTo.empty())
        out.append(replyTo).append(" ");
    out.append(std::to_string(payload.size())).append("\r\n").append(payload).append("\r\n");
}

std::uint64_t NatsClient::subscribe(std::string_view subject, std::string_view queue) {
    const auto number = ++impl_->subscriptions;
    impl_->subscribed.insert(number);
    auto& out = impl_->out;
    out.append("SUB ").append(subject).append(" ");
    if (!queue.empty())
        out.append(queue).append(" ");
    out.append(std::to_string(number)).append("\r\n");
    return number;
}

void NatsClient::unsubscribe(std::uint64_t subscription) {
    impl_->out.append("UNSUB ").append(std::to_string(subscription)).append("\r\n");
    impl_->subscribed.erase(subscription);
    std::erase_if(impl_->kept, [&](const NatsMessage& kept) { return kept.subscription == subscription; });
}

Result<std::optional<NatsMessage>> NatsClient::next(Milliseconds within, const std::stop_token& stop) {
    return impl_->await(within, stop,
                        [](const NatsMessage& message) { return message.subscription != inboxSubscription; });
}

Result<void> NatsClient::flush(Milliseconds within, const std::stop_token& stop) {
    impl_->setDeadline(within, stop);
    return impl_->ping();
}

Result<NatsMessage> NatsClient::request(std::string_view subject, std::string_view payload,
                                        Milliseconds within, const std::stop_token& stop) {
    const auto inbox = newInbox();
    publish(subject, payload, inbox);
    auto answer =
        impl_->await(within, stop, [&](const NatsMessage& message) { return message.subject == inbox; });
    if (!answer)
        return failWith(answer);
    if (!*answer)
        return fail(Reason::upstream_timeout, "NATS: no answer to " + std::string(subject));
    if (statusOf(**answer) == noResponders)
        return fail(Reason::unreachable, "NATS: nobody answers to " + std::string(subject));
    return std::move(**answer);
}

std::string NatsClient::newInbox() {
    return impl_->inboxPrefix + std::to_string(++impl_->inboxes);
}

Result<std::optional<NatsMessage>> NatsClient::nextOf(std::uint64_t subscription, Milliseconds within,
                                                      const std::stop_token& stop) {
    return impl_->await(within, stop,
                        [&](const NatsMessage& message) { return message.subscription == subscription; });
}

} // namespace ykt::collector
