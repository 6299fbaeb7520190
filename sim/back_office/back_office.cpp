#include "sim/back_office/back_office.h"

#include "collector/transactions.h"
#include "sim/back_office/bulletin_shelf.h"
#include "sim/back_office/ledger.h"

#include <condition_variable>
#include <nlohmann/json.hpp>

namespace ykt::sim {

using collector::HttpAnswer;
using collector::HttpRequest;

namespace {

constexpr std::string_view transactions = "/v1/transactions";
constexpr std::string_view statusReports = "/v1/status";
constexpr std::string_view bulletins = "/v1/bulletins/";
constexpr std::string_view attachments = "/v1/attachments/";
constexpr std::string_view hsmProofs = "/v1/hsm/proofs";
constexpr std::string_view certificates = "/v1/certificate";
constexpr std::string_view codeCheck = "/v1/ecard/qrcode/valid";

struct Faults {
    unsigned dropEvery = 0;
    unsigned busySeconds = 0;
    std::size_t largestRequest = 0;
    std::string rejectedKind;
    std::string chokingKind;
    unsigned refusal = 0;
    Milliseconds delay{0};
    std::string cannedAnswer;
    Milliseconds hsmDelay{0};
    unsigned hsmRefusal = 0;
    std::string cannedProofs;
    VerifierFaults verifier;
};

// As a proxy that mixes requests up would answer.
std::string underAnotherId(const std::string& answer) {
    auto object = nlohmann::json::parse(answer);
    auto& id = object.at("requestId").get_ref<std::string&>();
    id.front() = id.front() == '0' ? '1' : '0';
    return object.dump();
}

} // namespace

struct BackOffice::Impl {
    Impl(const BackOfficeOptions& options, crypto::TlsServer tls, const hal::Clock& clock)
        : prove(options.prove), sign(options.sign), tokens(clock),
          server(std::move(tls), clock,
                 [this](const auto& request, const auto& stop) { return answer(request, stop); }) {}

    std::optional<HttpAnswer> answer(const HttpRequest& request, const std::stop_token& stop) {
        const std::string_view target = request.target;
        if (target == transactions)
            return request.method == "POST" ? answerTransactions(request, stop) : HttpAnswer{405, {}};
        if (target == statusReports)
            return request.method == "POST" ? answerStatus(request) : HttpAnswer{405, {}};
        if (target == hsmProofs && prove)
            return request.method == "POST" ? answerProofs(request, stop) : HttpAnswer{405, {}};
        if (target == certificates && sign)
            return request.method == "POST" ? collector::answerCertificate(request, sign)
                                            : HttpAnswer{405, {}};
        if (target == codeCheck)
            return request.method == "POST" ? answerCodeCheck(request, stop) : HttpAnswer{405, {}};
        if (target.starts_with(bulletins))
            return request.method == "GET" ? shelf.bulletin(target.substr(bulletins.size()), request)
                                           : HttpAnswer{405, {}};
        if (target.starts_with(attachments))
            return request.method == "GET" ? shelf.file(target.substr(attachments.size()), request)
                                           : HttpAnswer{405, {}};
        return HttpAnswer{404, {}};
    }

    std::optional<HttpAnswer> answerTransactions(const HttpRequest& request, const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        const auto number = ++requests;
        const auto now = faults;
        if (!waited(lock, now.delay, stop))
            return std::nullopt;
        lock.unlock();
        if (now.busySeconds > 0)
            return HttpAnswer{503, {}, now.busySeconds};
        if (now.refusal > 0)
            return HttpAnswer{now.refusal, {}};
        if (now.largestRequest > 0 && request.body.size() > now.largestRequest)
            return HttpAnswer{413, {}};
        if (!now.cannedAnswer.empty())
            return HttpAnswer{200, now.cannedAnswer};
        if (!now.chokingKind.empty() &&
            request.body.find(R"("kind":")" + now.chokingKind + '"') != std::string::npos)
            return HttpAnswer{400, {}};
        auto answer = collector::answerTransactions(
            request, [&](const auto& batch) { return ledger->settle(batch, now.rejectedKind); });
        if (answer.status == 200 && now.dropEvery > 0 && number % now.dropEvery == 0)
            return std::nullopt;
        return answer;
    }

    HttpAnswer answerStatus(const HttpRequest& request) {
        const auto status = nlohmann::json::parse(request.body, nullptr, false);
        if (!status.is_object() || !status.contains("terminal"))
            return {400, {}};
        if (status["terminal"] != request.peer)
            return {403, {}};
        const std::scoped_lock lock(mutex);
        statuses[request.peer] = request.body;
        return {204, {}};
    }

    // False: stopped meanwhile.
    bool waited(std::unique_lock<std::mutex>& lock, Milliseconds delay, const std::stop_token& stop) {
        return delay == Milliseconds::zero() ||
               !delayed.wait_for(lock, stop, delay, [&] { return stop.stop_requested(); });
    }

    std::optional<HttpAnswer> answerProofs(const HttpRequest& request, const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        ++hsmRequests;
        const auto now = faults;
        if (!waited(lock, now.hsmDelay, stop))
            return std::nullopt;
        lock.unlock();
        if (now.hsmRefusal > 0)
            return HttpAnswer{now.hsmRefusal, {}};
        if (!now.cannedProofs.empty())
            return HttpAnswer{200, now.cannedProofs};
        const auto about = parseProofRequest(request.body);
        if (!about)
            return HttpAnswer{400, {}};
        const auto proofs = prove(*about);
        if (!proofs)
            return HttpAnswer{proofs.error() == Reason::input_malformed ? 400U : 500U, {}};
        return HttpAnswer{200, formatProofs(*proofs)};
    }

    std::optional<HttpAnswer> answerCodeCheck(const HttpRequest& request, const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        ++verifierRequests;
        const auto now = faults.verifier;
        if (!waited(lock, now.delay, stop))
            return std::nullopt;
        if (now.status > 0)
            return HttpAnswer{now.status, {}};
        if (!now.body.empty())
            return HttpAnswer{200, now.body};
        const auto question = parseTokenQuestion(request.body);
        if (!question)
            return HttpAnswer{400, {}};
        auto answer = tokens.answer(*question);
        if (now.wrongRequestId)
            answer = underAnotherId(answer);
        const auto before = std::exchange(lastVerdict, answer);
        return HttpAnswer{200, now.previousAnswer ? before : answer};
    }

    std::unique_ptr<Ledger> ledger;
    HsmProve prove;
    collector::CertificateSign sign;
    TokenBook tokens;
    BulletinShelf shelf;
    std::mutex mutex; // over what follows
    std::condition_variable_any delayed;
    Faults faults;
    std::uint64_t requests = 0;
    std::uint64_t hsmRequests = 0;
    std::uint64_t verifierRequests = 0;
    std::string lastVerdict;                     // of the code check
    std::map<std::string, std::string> statuses; // by terminal
    std::uint16_t port = 0;
    collector::HttpServer server; // last: its threads use all of the above
};

BackOffice::BackOffice(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BackOffice::~BackOffice() = default;

Result<std::unique_ptr<BackOffice>> BackOffice::start(BackOfficeOptions options, const hal::Clock& clock) {
    auto tls = crypto::TlsServer::create(options.caPem, options.identity, clock);
    if (!tls)
        return failWith(tls);
    auto impl = std::make_unique<Impl>(options, std::move(*tls), clock);
    auto ledger = Ledger::open(options.ledgerFile, std::move(options.tacIsRight), impl->tokens, clock);
    if (!ledger)
        return failWith(ledger);
    impl->ledger = std::move(*ledger);
    const auto port = impl->server.listen(options.port);
    if (!port)
        return failWith(port);
    impl->port = *port;
    return std::unique_ptr<BackOffice>(new BackOffice(std::move(impl)));
}

std::uint16_t BackOffice::port() const {
    return impl_->port;
}

void BackOffice::offer(const std::string& kind, std::uint64_t version, Bytes signedBulletin) {
    impl_->shelf.offer(kind, version, std::move(signedBulletin));
}

void BackOffice::offerDelta(const std::string& kind, std::uint64_t base, std::uint64_t version,
                            Bytes signedBulletin) {
    impl_->shelf.offerDelta(kind, base, version, std::move(signedBulletin));
}

void BackOffice::offerFile(Bytes file) {
    impl_->shelf.offerFile(std::move(file));
}

std::vector<LedgerRow> BackOffice::rows() const {
    return impl_->ledger->rows();
}

std::vector<std::string> BackOffice::audit() const {
    return impl_->ledger->audit();
}

std::vector<PurseLine> BackOffice::purseLines() const {
    return impl_->ledger->purseLines();
}

std::uint64_t BackOffice::hsmRequests() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->hsmRequests;
}

std::uint64_t BackOffice::verifierRequests() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->verifierRequests;
}

std::string BackOffice::lastStatus(const std::string& terminal) const {
    const std::scoped_lock lock(impl_->mutex);
    const auto found = impl_->statuses.find(terminal);
    return found == impl_->statuses.end() ? std::string() : found->second;
}

TokenBook& BackOffice::tokens() {
    return impl_->tokens;
}

std::uint64_t BackOffice::requests() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->requests;
}

Result<void> BackOffice::setReachable(bool reachable) {
    impl_->server.close();
    if (!reachable)
        return {};
    return impl_->server.listen(impl_->port).map([](std::uint16_t) {});
}

void BackOffice::dropEveryNthAnswer(unsigned n) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.dropEvery = n;
}

void BackOffice::answerBusy(unsigned retryAfterSeconds) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.busySeconds = retryAfterSeconds;
}

void BackOffice::setLargestRequest(std::size_t bytes) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.largestRequest = bytes;
}

void BackOffice::rejectKind(const std::string& kind) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.rejectedKind = kind;
}

void BackOffice::choke(const std::string& kind) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.chokingKind = kind;
}

void BackOffice::refuseTransactions(unsigned status) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.refusal = status;
}

void BackOffice::delayAnswers(Milliseconds delay) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.delay = delay;
}

void BackOffice::answerWith(std::string body) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.cannedAnswer = std::move(body);
}

void BackOffice::delayHsm(Milliseconds delay) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.hsmDelay = delay;
}

void BackOffice::refuseHsm(unsigned status) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.hsmRefusal = status;
}

void BackOffice::answerHsmWith(std::string body) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.cannedProofs = std::move(body);
}

void BackOffice::setVerifierFaults(VerifierFaults faults) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->faults.verifier = std::move(faults);
}

} // namespace ykt::sim
