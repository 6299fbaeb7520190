#include "tools/collector/serve.h"

#include "collector/jetstream_consumer.h"
#include "collector/receiver.h"
#include "drivers/system/clock.h"
#include "tools/collector/places.h"

#include <csignal>
#include <spdlog/spdlog.h>
#include <thread>

namespace ykt::tools {

namespace {

// Blocked before the first thread starts, so that only main takes them.
sigset_t blockStopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

struct Keys {
    std::string terminalsCa;
    std::string certificate;
    std::string key;

    [[nodiscard]] crypto::TlsIdentity identity() const { return {certificate, Secret::copyOf(asBytes(key))}; }
};

Result<Keys> readKeys(const ServeOptions& options) {
    Keys keys;
    for (const auto& [path, into] :
         {std::pair(&options.terminalsCa, &keys.terminalsCa),
          std::pair(&options.certificate, &keys.certificate), std::pair(&options.key, &keys.key)}) {
        auto content = readFile(*path);
        if (!content)
            return failWith(content);
        *into = std::move(*content);
    }
    return keys;
}

Result<collector::JetstreamConsumerSettings> consumerSettings(const ServeOptions& options, const Keys& keys) {
    collector::JetstreamConsumerSettings settings;
    for (const auto& text : options.nats) {
        auto address = parseAddress(text);
        if (!address)
            return failWith(address);
        settings.servers.push_back(std::move(*address));
    }
    settings.terminalsCaPem = keys.terminalsCa;
    settings.stream.name = options.stream;
    settings.stream.subjects = {options.subject};
    settings.stream.replicas = options.replicas;
    settings.client.user = options.natsUser;
    if (!options.natsPasswordFile.empty()) {
        auto password = readFile(options.natsPasswordFile);
        if (!password)
            return failWith(password);
        while (!password->empty() && (password->back() == '\n' || password->back() == '\r'))
            password->pop_back();
        settings.client.password = Secret::copyOf(asBytes(*password));
    }
    if (!options.natsCa.empty()) {
        auto ca = readFile(options.natsCa);
        if (!ca)
            return failWith(ca);
        settings.client.caPem = std::move(*ca);
        settings.client.identity = keys.identity();
    }
    return settings;
}

} // namespace

Result<void> serve(const ServeOptions& options) {
    const auto signals = blockStopSignals();
    const drivers::SystemClock clock;
    const auto keys = readKeys(options);
    if (!keys)
        return failWith(keys);
    const auto address = parseAddress(options.listen);
    if (!address)
        return failWith(address);
    auto settings = consumerSettings(options, *keys);
    if (!settings)
        return failWith(settings);
    const auto ledger = openLedger(options.ledger, clock);
    if (!ledger)
        return failWith(ledger);
    auto tls = crypto::TlsServer::create(keys->terminalsCa, keys->identity(), clock);
    if (!tls)
        return failWith(tls);

    collector::Receiver receiver(**ledger, {options.bulletins, options.attachments});
    collector::HttpServer server(std::move(*tls), clock,
                                 [&](const auto& request, const auto&) { return receiver.answer(request); });
    const auto port = server.listen(address->port, address->host);
    if (!port)
        return failWith(port);
    spdlog::info("listening on {}:{}", address->host, *port);
    std::jthread consuming;
    if (!options.nats.empty())
        consuming = std::jthread([&](const std::stop_token& stop) {
            collector::JetstreamConsumer(**ledger, clock, std::move(*settings), [](const std::string& line) {
                spdlog::info("{}", line);
            }).run(stop);
        });
    int arrived = 0;
    sigwait(&signals, &arrived);
    spdlog::info("stopping; {} records settled over HTTPS, {} rejected", receiver.settledRecords(),
                 receiver.rejectedRecords());
    return {};
}

} // namespace ykt::tools
