#include "collector/jetstream_consumer.h"

#include "collector/transactions.h"
#include "crypto/jws.h"
#include "crypto/random.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>

namespace ykt::collector {

namespace {

constexpr std::string_view messageType = "ykt-transactions";
constexpr std::string_view receiptsType = "ykt-receipts";
constexpr auto statusSubject = "ykt.v1.*.status";
constexpr auto signingRequestSubject = "ykt.v1.*.signing-requests";
constexpr std::size_t largestStatus = 64 * 1024;
constexpr Milliseconds patience{1'000}; // of one pull

// "...{terminal}.{what}": MQTT's topic ykt/v1/{terminal}/{what} as NATS writes it. Empty: another form.
std::string_view terminalOf(std::string_view subject, std::string_view what) {
    const auto end = subject.rfind('.');
    if (end == std::string_view::npos || subject.substr(end + 1) != what)
        return {};
    const auto begin = subject.substr(0, end).rfind('.');
    return subject.substr(begin + 1, end - begin - 1); // npos + 1 is 0
}

// What the terminal said, after its signature was checked. Errors: of verifyJws, input_malformed.
Result<IncomingBatch> openMessage(std::string_view subject, std::string_view message,
                                  const std::string& caPem, WallTime now) {
    const auto signedBatch = crypto::verifyJws(messageType, message, caPem, now);
    if (!signedBatch)
        return failWith(signedBatch);
    auto batch = parseWhatIsReadable(toText(signedBatch->payload));
    if (!batch)
        return batch;
    const auto terminal = terminalOf(subject, "transactions");
    if (batch->terminal != signedBatch->signer.commonName || batch->terminal != terminal ||
        !isSubjectToken(terminal))
        return fail(Reason::signature_invalid, "signed by another than the terminal that it is of");
    return batch;
}

// Why a record of the message is not settled; empty: all are.
std::string firstRefusal(const std::vector<Verdict>& verdicts) {
    const auto refused = std::ranges::find(verdicts, false, &Verdict::settled);
    return refused == verdicts.end() ? std::string() : refused->note;
}

void wait(Milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
}

} // namespace

JetstreamConsumer::JetstreamConsumer(Ledger& ledger, const hal::Clock& clock,
                                     JetstreamConsumerSettings settings, Report report)
    : ledger_(ledger), clock_(clock), settings_(std::move(settings)), report_(std::move(report)) {}

void JetstreamConsumer::run(const std::stop_token& stop) {
    auto backoff = settings_.firstBackoff;
    for (std::size_t turn = 0; !stop.stop_requested(); ++turn) {
        const auto& server = settings_.servers.at(turn % settings_.servers.size());
        const auto before = messages_.load();
        const auto served = serveOne(server, stop);
        if (stop.stop_requested())
            return;
        report_("NATS at " + server.host + ":" + std::to_string(server.port) + ": " +
                explain(served.error()));
        backoff =
            messages_ > before ? settings_.firstBackoff : std::min(backoff * 2, settings_.longestBackoff);
        wait(backoff, stop);
    }
}

// Ends with an error only. What was fetched and not acknowledged comes again.
Result<void> JetstreamConsumer::serveOne(const NatsServer& server, const std::stop_token& stop) {
    const auto client = NatsClient::connect(server, settings_.client, clock_, settings_.timeout, stop);
    if (!client)
        return failWith(client);
    JetStream stream(**client, settings_.timeout);
    const bool oursToMake = !settings_.stream.name.starts_with('$');
    if (const auto made = oursToMake ? stream.ensureStream(settings_.stream, stop) : Result<void>(); !made)
        return made;
    ConsumerSettings consumer;
    consumer.stream = settings_.stream.name;
    consumer.durable = settings_.durable;
    consumer.filterSubject = settings_.stream.subjects.at(0);
    consumer.ackWait = settings_.ackWait;
    if (const auto made = stream.ensureConsumer(consumer, stop); !made)
        return made;
    (*client)->subscribe(statusSubject, settings_.durable);
    if (settings_.sign)
        (*client)->subscribe(signingRequestSubject, settings_.durable);
    report_("NATS at " + server.host + ":" + std::to_string(server.port) + ": taking from " +
            consumer.stream);
    for (;;) {
        const auto fetched = stream.fetch(consumer, settings_.fetchAtOnce, patience, stop);
        if (!fetched)
            return failWith(fetched);
        for (const auto& delivered : *fetched)
            if (const auto handled = handle(**client, stream, delivered); !handled)
                return handled;
        if (const auto sent = (*client)->flush(settings_.timeout, stop); !sent)
            return sent;
        if (const auto taken = takeUnkept(**client, stop); !taken)
            return taken;
        if (const auto retried = retryUnsettled(stop); !retried)
            return retried;
    }
}

// The receipt goes before the acknowledgement: whatever fails between them, the message comes again and gets
// the same receipts.
Result<void> JetstreamConsumer::handle(NatsClient& client, JetStream& stream,
                                       const StreamMessage& delivered) {
    const auto now = clock_.now().wall;
    const auto& message = delivered.message;
    const auto batch = openMessage(message.subject, message.payload, settings_.terminalsCaPem, now);
    if (!batch)
        return setAside(stream, delivered, explain(batch.error()));
    const auto verdicts = settleOrKeep(*batch, message);
    if (!verdicts)
        return failWith(verdicts);
    const auto receipts = signedReceipts(formatReceiptsMessage(*batch, *verdicts, now));
    if (!receipts)
        return failWith(receipts);
    client.publish("ykt.v1." + batch->terminal + ".receipts", *receipts);
    stream.acknowledge(delivered);
    ++messages_;
    return {};
}

Result<std::vector<Verdict>> JetstreamConsumer::settleOrKeep(const IncomingBatch& batch,
                                                             const NatsMessage& message) {
    auto verdicts = ledger_.settle(batch);
    if (!verdicts)
        return verdicts;
    if (const auto why = firstRefusal(*verdicts); settings_.keepsUnsettled && !why.empty()) {
        if (const auto kept = ledger_.keepUnsettled(message.subject, message.payload, why); !kept)
            return failWith(kept);
        report_("a message of " + batch.terminal + " is set aside: " + why);
    }
    return verdicts;
}

// What does not verify may do so when the CA or the clock of this machine is mended.
Result<void> JetstreamConsumer::setAside(JetStream& stream, const StreamMessage& delivered,
                                         const std::string& why) {
    const auto& message = delivered.message;
    if (settings_.keepsUnsettled)
        if (const auto kept = ledger_.keepUnsettled(message.subject, message.payload, why); !kept)
            return kept;
    report_("message " + std::to_string(delivered.streamSequence) + " of the stream is " +
            (settings_.keepsUnsettled ? "set aside: " : "discarded: ") + why);
    stream.discard(delivered);
    ++unanswered_;
    return {};
}

// Some at a time, so that a heap of them keeps nobody waiting. No receipts: who waits for one sends again.
Result<void> JetstreamConsumer::retryUnsettled(const std::stop_token& stop) {
    for (std::size_t i = 0; i < settings_.fetchAtOnce && retried_ && !stop.stop_requested(); ++i) {
        const auto message = ledger_.unsettledAfter(*retried_);
        if (!message)
            return failWith(message);
        if (*message) {
            if (const auto done = retry(**message); !done)
                return done;
            retried_ = (*message)->number;
        } else {
            retried_.reset();
        }
    }
    return {};
}

Result<void> JetstreamConsumer::retry(const UnsettledMessage& message) {
    const auto batch =
        openMessage(message.subject, message.payload, settings_.terminalsCaPem, clock_.now().wall);
    if (!batch)
        return {};
    const auto verdicts = ledger_.settle(*batch);
    if (!verdicts)
        return failWith(verdicts);
    if (!firstRefusal(*verdicts).empty())
        return {};
    report_("unsettled message " + std::to_string(message.number) + " is settled");
    return ledger_.removeUnsettled(message.number);
}

Result<std::string> JetstreamConsumer::signedReceipts(std::string message) const {
    if (!settings_.receiptSigner)
        return message;
    const auto key = crypto::P256PrivateKey::fromPem(settings_.receiptSigner->privateKeyPem);
    if (!key)
        return failWith(key);
    return crypto::signJws(receiptsType, asBytes(message), settings_.receiptSigner->certificatePem, *key);
}

Result<void> JetstreamConsumer::takeUnkept(NatsClient& client, const std::stop_token& stop) {
    for (;;) {
        const auto message = client.next(Milliseconds{0}, stop);
        if (!message)
            return failWith(message);
        if (!*message)
            return {};
        if ((*message)->subject.ends_with(".signing-requests"))
            answerCertificate(client, **message);
        else if (const auto noted = noteStatus(**message); !noted)
            return noted;
    }
}

// Status is not signed: who may publish it is the broker's to say.
Result<void> JetstreamConsumer::noteStatus(const NatsMessage& message) {
    const auto terminal = std::string(terminalOf(message.subject, "status"));
    const auto& status = message.payload;
    if (terminal.empty() || status.size() > largestStatus || !nlohmann::json::accept(status))
        return {};
    return ledger_.noteStatus(terminal, status);
}

// Sent with the next operation. Neither question nor answer is kept: who hears nothing asks again.
void JetstreamConsumer::answerCertificate(NatsClient& client, const NatsMessage& message) {
    const auto terminal = terminalOf(message.subject, "signing-requests");
    const auto question =
        openCertificateQuestion(message.payload, terminal, settings_.terminalsCaPem, clock_.now().wall);
    if (!question)
        return report_("a signing request is not answered: " + explain(question.error()));
    if (isSubjectToken(terminal))
        client.publish("ykt.v1." + question->terminal + ".certificates",
                       answerCertificateQuestion(*question, settings_.sign));
}

} // namespace ykt::collector
