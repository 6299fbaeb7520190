#include "tools/collector/serve.h"

#include "collector/jetstream_consumer.h"
#include "collector/receiver.h"
#include "crypto/certificate_authority.h"
#include "drivers/system/clock.h"
#include "drivers/system/key_file.h"
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

Result<crypto::TlsIdentity> readIdentity(const std::string& certificate, const std::string& key) {
    auto certificatePem = readFile(certificate);
    if (!certificatePem)
        return failWith(certificatePem);
    const auto keyPem = readFile(key);
    if (!keyPem)
        return failWith(keyPem);
    return crypto::TlsIdentity{std::move(*certificatePem), Secret::copyOf(asBytes(*keyPem))};
}

// The last line's end does not belong to it.
Result<Secret> readPassword(const std::string& path) {
    auto password = readFile(path);
    if (!password)
        return failWith(password);
    password->erase(password->find_last_not_of("\r\n") + 1);
    return Secret::copyOf(asBytes(*password));
}

// Who this collector is to NATS and to the terminals behind it.
Result<crypto::TlsIdentity> natsIdentity(const ServeOptions& options) {
    const bool own = !options.natsCertificate.empty();
    return readIdentity(own ? options.natsCertificate : options.certificate,
                        own ? options.natsKey : options.key);
}

Result<collector::NatsSettings> natsSettings(const ServeOptions& options) {
    collector::NatsSettings settings;
    settings.user = options.natsUser;
    if (!options.natsPasswordFile.empty()) {
        auto password = readPassword(options.natsPasswordFile);
        if (!password)
            return failWith(password);
        settings.password = std::move(*password);
    }
    if (options.natsCa.empty())
        return settings;
    auto ca = readFile(options.natsCa);
    if (!ca)
        return failWith(ca);
    auto identity = natsIdentity(options);
    if (!identity)
        return failWith(identity);
    settings.caPem = std::move(*ca);
    settings.identity = std::move(*identity);
    return settings;
}

// Empty: certificates are not renewed. The clock outlives it.
Result<collector::CertificateSign> certificateSign(const ServeOptions& options,
                                                   const std::string& terminalsCa, const hal::Clock& clock) {
    if (options.terminalsCaKey.empty())
        return collector::CertificateSign{};
    const auto key = drivers::readKeyFile(options.terminalsCaKey);
    if (!key)
        return failWith(key);
    auto authority = crypto::CertificateAuthority::open(
        terminalsCa, *key, std::chrono::days{options.certificateDays}, clock.now().wall);
    if (!authority)
        return failWith(authority);
    return [&clock, authority = std::move(*authority)](const crypto::SigningRequest& request) {
        auto certificate = authority.sign(request, clock.now().wall);
        spdlog::info("certificate of {}: {}", request.commonName,
                     certificate ? "renewed" : explain(certificate.error()));
        return certificate;
    };
}

Result<collector::JetstreamConsumerSettings> consumerSettings(const ServeOptions& options,
                                                              const std::string& terminalsCa) {
    collector::JetstreamConsumerSettings settings;
    for (const auto& text : options.nats) {
        auto address = parseAddress(text);
        if (!address)
            return failWith(address);
        settings.servers.push_back(std::move(*address));
    }
    auto client = natsSettings(options);
    if (!client)
        return failWith(client);
    settings.client = std::move(*client);
    settings.terminalsCaPem = terminalsCa;
    if (options.signReceipts) {
        auto signer = natsIdentity(options);
        if (!signer)
            return failWith(signer);
        settings.receiptSigner = std::move(*signer);
    }
    settings.stream.name = options.stream;
    settings.keepsUnsettled =
        options.stream.starts_with('$'); // the server's own: its acknowledgement settles
    settings.stream.subjects = {options.subject};
    settings.stream.replicas = options.replicas;
    settings.stream.maxAge = std::chrono::days{options.streamDays};
    return settings;
}

} // namespace

Result<void> serve(const ServeOptions& options) {
    const auto signals = blockStopSignals();
    const drivers::SystemClock clock;
    const auto terminalsCa = readFile(options.terminalsCa);
    if (!terminalsCa)
        return failWith(terminalsCa);
    const auto identity = readIdentity(options.certificate, options.key);
    if (!identity)
        return failWith(identity);
    const auto address = parseAddress(options.listen);
    if (!address)
        return failWith(address);
    auto settings = consumerSettings(options, *terminalsCa);
    if (!settings)
        return failWith(settings);
    auto sign = certificateSign(options, *terminalsCa, clock);
    if (!sign)
        return failWith(sign);
    settings->sign = *sign;
    const auto ledger = openLedger(options.ledger, Missing::is_made, clock);
    if (!ledger)
        return failWith(ledger);
    auto tls = crypto::TlsServer::create(*terminalsCa, *identity, clock);
    if (!tls)
        return failWith(tls);

    collector::Receiver receiver(**ledger, {options.bulletins, options.attachments}, std::move(*sign));
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
