#include "firmware/panel/panel.h"

#include "firmware/panel/key_requests.h"
#include "firmware/panel/requests.h"

#include <algorithm>
#include <charconv>

namespace ykt::firmware::panel {
namespace {

constexpr std::string_view recordPath = "/v1/journal/";
constexpr std::string_view requeueAction = "/requeue";
constexpr std::uint64_t mostRecords = 10'000;

HttpAnswer answerOf(const Result<std::string>& body) {
    if (body)
        return {200, *body};
    return {body.error() == Reason::record_not_found ? 404U : 500U, errorJson(body.error())};
}

template <typename Number>
std::optional<Number> numberFrom(std::string_view digits) {
    Number number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return number;
}

std::optional<std::uint64_t> sequenceFrom(std::string_view digits) {
    return numberFrom<std::uint64_t>(digits);
}

// 0, today's, where none is asked for; nullopt: what is asked for is no number.
std::optional<std::uint32_t> epochOf(const HttpRequest& request) {
    const auto asked = request.query.find("epoch");
    return asked == request.query.end() ? 0 : numberFrom<std::uint32_t>(asked->second);
}

// The records from `from` down, which there is: sequences have no gaps, so where they begin is known.
Result<std::vector<offline_store::RecordSummary>> newestFirst(offline_store::Store& store, std::uint64_t from,
                                                              std::uint64_t most) {
    const auto count = std::min(most, from);
    auto list = store.list(from - count + 1, count);
    if (list)
        std::ranges::reverse(*list);
    return list;
}

HttpAnswer epochExpected() {
    return {404, R"({"error":"the epoch's number is expected"})"};
}

HttpAnswer sequenceExpected() {
    return {404, R"({"error":"the record's sequence number is expected"})"};
}

} // namespace

Result<std::unique_ptr<Panel>> Panel::start(const std::filesystem::path& socket, StatusSources sources) {
    std::unique_ptr<Panel> panel(new Panel(std::move(sources)));
    auto service = HttpService::start(socket, [raw = panel.get()](const HttpRequest& request, bool lastTime) {
        return raw->answer(request, lastTime);
    });
    if (!service)
        return failWith(service);
    panel->service_ = std::move(*service);
    return panel;
}

std::optional<HttpAnswer> Panel::answer(const HttpRequest& request, bool lastTime) {
    if (request.method == "POST")
        return post(request);
    if (request.method != "GET")
        return HttpAnswer{405, R"({"error":"only GET and POST are served"})"};
    if (request.path == "/v1/outcomes") {
        const auto news = sources_.terminal.outcomes().after(request.number("after", 0, UINT64_MAX));
        if (news.empty() && !lastTime)
            return std::nullopt;
        return HttpAnswer{200, outcomesJson(news, sources_.terminal.message())};
    }
    if (request.path == "/v1/status") {
        if (request.query.contains("ready") && !isReady(sources_) && !lastTime)
            return std::nullopt;
        return answerOf(statusJson(sources_));
    }
    if (request.path == "/v1/keys")
        return answerOf(keysJson(sources_.keys));
    if (request.path == "/v1/catalogue")
        return answerOf(catalogueJson(sources_.store));
    if (request.path == "/v1/journal" || request.path.starts_with(recordPath))
        return journal(request);
    return HttpAnswer{404, R"({"error":"no such resource"})"};
}

HttpAnswer Panel::post(const HttpRequest& request) {
    if (request.path == "/v1/pin") {
        auto pin = pinFrom(request.body);
        if (!pin)
            return {400, errorJson(pin.error())};
        if (!sources_.terminal.pinEntry().give(std::move(*pin)))
            return {409, R"({"error":"no lane is waiting for a PIN"})"};
        return {200, "{}"};
    }
    if (request.path == "/v1/position") {
        const auto position = positionFrom(request.body);
        if (!position)
            return {400, errorJson(position.error())};
        sources_.terminal.setPosition(*position);
        return {200, "{}"};
    }
    if (request.path == "/v1/keys/rotate")
        return answerOf(rotateKeys(sources_.keys, sources_.store, sources_.terminal.clock().now().wall));
    if (request.path == "/v1/keys/prune")
        return answerOf(pruneKeys(sources_.keys, sources_.store));
    if (request.path.starts_with(recordPath) && request.path.ends_with(requeueAction))
        return requeue(request);
    return {404, R"({"error":"no such resource"})"};
}

HttpAnswer Panel::journal(const HttpRequest& request) {
    if (request.path == "/v1/journal") {
        const auto most = static_cast<std::size_t>(request.number("most", 100, mostRecords));
        const auto newest = sources_.store.last().sequence;
        const auto from = request.number("from", newest, newest);
        const auto list = request.query.contains("dead") ? sources_.store.deadLetters(from, most)
                                                         : newestFirst(sources_.store, from, most);
        return answerOf(list ? Result<std::string>(summariesJson(*list)) : failWith(list));
    }
    const auto sequence = sequenceFrom(std::string_view(request.path).substr(recordPath.size()));
    if (!sequence)
        return sequenceExpected();
    const auto epoch = epochOf(request);
    if (!epoch)
        return epochExpected();
    const auto record = sources_.store.read(*sequence, *epoch);
    return answerOf(record ? Result<std::string>(recordJson(*record)) : failWith(record));
}

HttpAnswer Panel::requeue(const HttpRequest& request) {
    auto digits = std::string_view(request.path).substr(recordPath.size());
    digits.remove_suffix(std::min(digits.size(), requeueAction.size())); // "/v1/journal/requeue" has none
    const auto sequence = sequenceFrom(digits);
    if (!sequence)
        return sequenceExpected();
    const auto epoch = epochOf(request);
    if (!epoch)
        return epochExpected();
    return answerOf(sources_.store.requeue(*sequence, *epoch).map([&] {
        sources_.courier.wake();
        return std::string("{}");
    }));
}

} // namespace ykt::firmware::panel
