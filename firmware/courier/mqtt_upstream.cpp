#include "firmware/courier/mqtt_upstream.h"

#include "base/hex.h"
#include "crypto/random.h"

#include <spdlog/spdlog.h>

namespace ykt::firmware::courier {

namespace {

constexpr std::size_t requestSize = 8; // random bytes
constexpr std::size_t longestCertificateMessage = 32'768;
constexpr int receiptsQos = 1;
constexpr int keptQos = 0; // the broker has it anyway, and keeps nothing more for this client

tl::unexpected<UpstreamError> failure(Error error, bool sent) {
    return tl::unexpected(UpstreamError{std::move(error), std::nullopt, sent});
}

tl::unexpected<UpstreamError> refusal(std::string context) {
    return failure({Reason::upstream_rejected, std::move(context)}, true);
}

} // namespace

Result<std::unique_ptr<MqttUpstream>> MqttUpstream::create(MqttUpstreamSettings settings,
                                                           const hal::Clock& clock) {
    auto key = crypto::P256PrivateKey::fromPem(settings.identity.privateKeyPem);
    if (!key)
        return failWith(key);
    auto tls = MqttTls::create(settings.caPem, settings.identity);
    if (!tls)
        return failWith(tls);
    const auto random = crypto::randomBytes(2); // so that a fleet spreads over the brokers
    if (!random)
        return failWith(random);
    return std::unique_ptr<MqttUpstream>(new MqttUpstream(std::move(settings), std::move(*key),
                                                          std::move(*tls), clock, readBigEndian(*random)));
}

MqttUpstream::Outcome<void> MqttUpstream::connect(const std::stop_token& stop) {
    if (session_ && !session_->catchUp())
        session_.reset();
    if (!session_) {
        kept_.clear();
        const auto turn = attempt_++;
        const auto& endpoint = settings_.brokers[turn % settings_.brokers.size()];
        auto opened = MqttSession::open(
            endpoint, turn / settings_.brokers.size(), settings_.terminal, *tls_, clock_.now().wall,
            [this](std::string_view topic, ByteView payload) { hear(topic, payload); },
            settings_.connectTimeout, stop);
        if (!opened)
            return failure(opened.error(), false);
        if (settings_.settleOn == MqttUpstreamSettings::SettleOn::receipt)
            if (auto done = (*opened)->subscribe(topics::receipts(settings_.terminal), receiptsQos); !done)
                return failure(done.error(), false);
        session_ = std::move(*opened);
    }
    session_->setDeadline(settings_.requestTimeout, stop);
    return {};
}

template <typename Exchange>
auto MqttUpstream::over(const std::stop_token& stop, Exchange&& exchange) -> decltype(exchange()) {
    if (auto connected = connect(stop); !connected)
        return tl::unexpected(connected.error());
    auto outcome = exchange();
    if (!outcome && outcome.error().error != Reason::upstream_rejected)
        session_.reset();
    return outcome;
}

tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
MqttUpstream::deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) {
    const auto random = crypto::randomBytes(requestSize);
    if (!random)
        return failure(random.error(), false);
    const auto request = toHex(*random);
    const auto message = signBatch(batch, request, settings_.identity.certificatePem, key_);
    if (!message)
        return failure(message.error(), false);
    if (message->size() > settings_.mostMessageBytes)
        return failure({Reason::batch_too_large, "MQTT: " + std::to_string(message->size()) + " bytes"},
                       false);
    awaited_ = Awaited{batch.front().id.epoch, request, {}}; // a broker may have kept some until now
    for (const auto& record : batch)
        awaited_->open.insert(record.id.sequence);
    auto outcome = over(stop, [&]() -> Outcome<std::vector<DeliveryReceipt>> {
        const auto number = session_->publish(topics::transactions(settings_.terminal), asBytes(*message));
        if (!number)
            return failure(number.error(), true);
        if (settings_.settleOn == MqttUpstreamSettings::SettleOn::puback) {
            if (auto heard = session_->hearUntil([&] { return session_->acknowledged(*number); }); !heard)
                return failure(heard.error(), true);
            std::vector<DeliveryReceipt> settled;
            for (const auto& record : batch)
                settled.push_back({record.id.sequence, DeliveryReceipt::Verdict::settled, "PUBACK"});
            return settled;
        }
        const auto heard = session_->hearUntil([this] { return awaited_->open.empty(); });
        if (!heard && (heard.error() != Reason::upstream_timeout || awaited_->verdicts.empty()))
            return failure(heard.error(), true);
        return std::move(awaited_->verdicts);
    });
    awaited_.reset();
    return outcome;
}

tl::expected<std::optional<Bytes>, UpstreamError>
MqttUpstream::fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) {
    return over(stop, [&]() -> Outcome<std::optional<Bytes>> {
        if (haveVersion == 0) {
            auto whole = retained(topics::wholeBulletin(kind));
            if (!whole)
                return tl::unexpected(whole.error());
            if (!whole->empty())
                return std::move(*whole);
        }
        auto newest = newestBulletin(kind);
        if (!newest)
            return tl::unexpected(newest.error());
        if (newest->empty() && haveVersion == 0)
            return std::nullopt;
        if (newest->empty())
            return refusal("MQTT: the broker has no bulletin of this kind");
        const auto version = claimedVersion(*newest);
        if (version && *version < haveVersion)
            return refusal("MQTT: the broker has an older bulletin than the installed one");
        if (version == haveVersion)
            return std::nullopt;
        return std::move(*newest);
    });
}

tl::expected<Bytes, UpstreamError> MqttUpstream::fetchAttachment(const crypto::Digest& sha256,
                                                                 std::uint64_t from, std::size_t most,
                                                                 std::stop_token stop) {
    const auto topic = topics::attachmentPart(sha256, from / attachmentPartBytes);
    const auto skipped = static_cast<std::size_t>(from % attachmentPartBytes);
    if (part_.topic != topic || skipped == 0) { // whoever begins anew wants what is there now
        auto part = over(stop, [&] { return retained(topic); });
        if (!part)
            return part;
        part_ = {topic, std::move(*part)};
    }
    const auto& bytes = part_.bytes;
    if (bytes.size() <= skipped || bytes.size() > attachmentPartBytes) {
        part_ = {};
        auto refused = refusal("MQTT: the broker has no such part");
        refused.value().isMissing = true;
        return refused;
    }
    const auto wanted = ByteView(bytes).subspan(skipped);
    const auto given = wanted.first(std::min(most, wanted.size()));
    Bytes asked(given.begin(), given.end());
    if (given.size() == wanted.size())
        part_ = {}; // it was read to its end
    return asked;
}

tl::expected<void, UpstreamError> MqttUpstream::reportStatus(const std::string& status,
                                                             std::stop_token stop) {
    return over(stop, [&]() -> Outcome<void> {
        const auto number = session_->publish(topics::status(settings_.terminal), asBytes(status));
        if (!number)
            return failure(number.error(), true);
        if (auto heard = session_->hearUntil([&] { return session_->acknowledged(*number); }); !heard)
            return failure(heard.error(), true);
        return {};
    });
}

tl::expected<std::string, UpstreamError> MqttUpstream::renewCertificate(const std::string& request,
                                                                        const std::stop_token& stop) {
    auto certificate = askForCertificate(request, stop);
    if (certificate && certificate->empty())
        return failure({Reason::reply_malformed, "MQTT: no certificate in the answer"}, true);
    return certificate;
}

tl::expected<void, UpstreamError> MqttUpstream::tryCertificate(const std::stop_token& stop) {
    return askForCertificate({}, stop).map([](const auto&) {});
}

MqttUpstream::Outcome<std::string> MqttUpstream::askForCertificate(std::string_view signingRequest,
                                                                   const std::stop_token& stop) {
    const auto random = crypto::randomBytes(requestSize);
    if (!random)
        return failure(random.error(), false);
    const auto request = toHex(*random);
    const auto message = signCertificateQuestion(settings_.terminal, request, signingRequest,
                                                 settings_.identity.certificatePem, key_);
    if (!message)
        return failure(message.error(), false);
    return over(stop, [&]() -> Outcome<std::string> {
        certificate_.reset();
        askedAs_ = request;
        auto heard = session_->subscribe(topics::certificates(settings_.terminal), keptQos);
        if (heard)
            heard = session_->publish(topics::signingRequests(settings_.terminal), asBytes(*message))
                        .map([](int) {});
        if (heard)
            heard = session_->hearUntil([this] { return certificate_.has_value(); });
        if (!heard)
            return failure(heard.error(), true);
        if (!certificate_->refusal.empty())
            return refusal("MQTT: certificate: " + certificate_->refusal);
        return std::move(certificate_->certificate);
    });
}

Result<void> MqttUpstream::reconnect(const crypto::TlsIdentity& identity) {
    auto key = crypto::P256PrivateKey::fromPem(identity.privateKeyPem);
    if (!key)
        return failWith(key);
    auto tls = MqttTls::create(settings_.caPem, identity);
    if (!tls)
        return failWith(tls);
    session_.reset(); // before the TLS that it uses
    tls_ = std::move(*tls);
    key_ = std::move(*key);
    settings_.identity = {identity.certificatePem, identity.privateKeyPem.clone()};
    return {};
}

// Brokers answer in order, so what is kept under the topic comes before the answer to the second request.
MqttUpstream::Outcome<Bytes> MqttUpstream::retained(const std::string& topic) {
    const auto found = kept_.try_emplace(topic).first;
    auto heard = session_->subscribe(topic, keptQos);
    if (heard)
        heard = session_->unsubscribe(topic);
    auto content = std::move(found->second);
    kept_.erase(found);
    if (!heard)
        return failure(heard.error(), true);
    if (!content)
        return failure(content.error(), true);
    return std::move(*content);
}

// The subscription stays, so that the broker sends a bulletin once and not each time it is asked about.
MqttUpstream::Outcome<Bytes> MqttUpstream::newestBulletin(std::string_view kind) {
    const auto topic = topics::bulletin(kind);
    const auto [found, isNew] = kept_.try_emplace(topic);
    Result<void> heard;
    if (isNew)
        heard = session_->subscribe(topic, keptQos);
    if (heard) // whatever is kept has come when this is answered; a link that is dead does not answer
        heard = session_->unsubscribe(topics::wholeBulletin(kind));
    if (!heard) {
        kept_.erase(found); // it may not be subscribed
        return failure(heard.error(), true);
    }
    if (!found->second)
        return failure(found->second.error(), true);
    return *found->second;
}

void MqttUpstream::hear(std::string_view topic, ByteView payload) {
    if (topic == topics::receipts(settings_.terminal)) {
        if (payload.size() <= settings_.mostMessageBytes)
            hearReceipts({reinterpret_cast<const char*>(payload.data()), payload.size()});
        else
            spdlog::warn("courier: MQTT: receipts of {} bytes are not read", payload.size());
        return;
    }
    if (topic == topics::certificates(settings_.terminal)) {
        hearCertificate({reinterpret_cast<const char*>(payload.data()), payload.size()});
        return;
    }
    const auto kept = kept_.find(topic);
    if (kept == kept_.end())
        return;
    if (payload.size() <= settings_.mostBulletinBytes)
        kept->second = Bytes(payload.begin(), payload.end()); // empty: kept no more (MQTT 3.1.1, 3.3.1.3)
    else // there is one, so that "nothing is kept" would confirm what is not known
        kept->second =
            fail(Reason::upstream_rejected,
                 "MQTT: a kept message of " + std::to_string(payload.size()) + " bytes is not read");
}

// Of earlier deliveries too, or of a store that was replaced: the broker keeps what it could not deliver.
void MqttUpstream::hearReceipts(std::string_view text) {
    if (!awaited_) // whatever they are for: nothing to check a signature for
        return;
    const auto message =
        settings_.receiptSigner.empty()
            ? parseReceiptsMessage(text)
            : openReceiptsMessage(text, settings_.receiptSigner, settings_.caPem, clock_.now().wall);
    if (!message) {
        spdlog::warn("courier: MQTT: receipts of {} bytes: {}", text.size(), explain(message.error()));
        return;
    }
    if (message->terminal != settings_.terminal || message->epoch != awaited_->epoch)
        return;
    bool isAnswer = false;
    for (const auto& receipt : message->receipts) {
        if (awaited_->open.erase(receipt.sequence) == 0)
            continue;
        awaited_->verdicts.push_back(receipt);
        isAnswer = message->request == awaited_->request;
    }
    if (isAnswer && message->serverTime)
        serverTime_ = ServerTime{*message->serverTime, clock_.now().monotonic};
}

void MqttUpstream::hearCertificate(std::string_view text) {
    auto message = text.size() <= longestCertificateMessage ? parseCertificateMessage(text)
                                                            : fail(Reason::reply_malformed);
    if (!message) {
        spdlog::warn("courier: MQTT: a certificate's message of {} bytes is malformed", text.size());
        return;
    }
    if (message->terminal == settings_.terminal && message->request == askedAs_)
        certificate_ = std::move(*message);
}

} // namespace ykt::firmware::courier
