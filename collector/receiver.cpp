#include "collector/receiver.h"

#include "collector/transactions.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

namespace ykt::collector {

namespace {

constexpr std::string_view transactions = "/v1/transactions";
constexpr std::string_view status = "/v1/status";
constexpr std::string_view certificate = "/v1/certificate";
constexpr std::string_view bulletins = "/v1/bulletins/";
constexpr std::string_view attachments = "/v1/attachments/";
constexpr std::string_view above = "?above=";
constexpr std::size_t largestStatus = 64 * 1024;
constexpr std::uint64_t largestPart = 8ULL * 1024 * 1024; // of an attachment in one answer

std::optional<std::uint64_t> numberOf(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// Names files below a folder, so it has no dots and no slashes.
bool isPlainName(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::uint64_t newestIn(const std::filesystem::path& folder) {
    std::uint64_t newest = 0;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none))
        newest = std::max(newest, numberOf(entry.path().filename().string()).value_or(0));
    return newest;
}

// `size` bytes from `from` on; nullopt: they are not there.
std::optional<std::string> readPart(const std::filesystem::path& file, std::uint64_t from,
                                    std::uint64_t size) {
    std::ifstream in(file, std::ios::binary);
    std::string bytes(size, '\0');
    in.seekg(static_cast<std::streamoff>(from));
    if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
        return std::nullopt;
    return bytes;
}

struct Part {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

// "bytes=first-last" or "bytes=first-" (RFC 9110, 14.2): one range, as terminals ask for one. nullopt:
// another form, or beyond the end.
std::optional<Part> partOf(std::string_view range, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    const auto dash = range.find('-');
    if (!range.starts_with(unit) || dash == std::string_view::npos)
        return std::nullopt;
    const auto first = numberOf(range.substr(unit.size(), dash - unit.size()));
    const auto end = range.substr(dash + 1);
    const auto last = end.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : numberOf(end);
    if (!first || !last || *first >= size || *last < *first)
        return std::nullopt;
    return Part{*first, std::min({*last, size - 1, *first + largestPart - 1})};
}

} // namespace

HttpAnswer Receiver::answer(const HttpRequest& request) {
    const std::string_view target = request.target;
    const bool isCertificate = target == certificate && sign_;
    if (target == transactions || target == status || isCertificate) {
        if (request.method != "POST")
            return {405, {}};
        if (isCertificate)
            return answerCertificate(request, sign_);
        return target == status
                   ? answerStatus(request)
                   : answerTransactions(request, [this](const auto& batch) { return settle(batch); });
    }
    const bool isBulletin = target.starts_with(bulletins);
    if (!isBulletin && !target.starts_with(attachments))
        return {404, {}};
    if (request.method != "GET")
        return {405, {}};
    return isBulletin ? answerBulletin(request) : answerAttachment(request);
}

Result<std::vector<Verdict>> Receiver::settle(const IncomingBatch& batch) {
    auto verdicts = ledger_.settle(batch);
    if (verdicts) {
        const auto settled = static_cast<std::uint64_t>(std::ranges::count_if(*verdicts, &Verdict::settled));
        settled_ += settled;
        rejected_ += verdicts->size() - settled;
    }
    return verdicts;
}

HttpAnswer Receiver::answerStatus(const HttpRequest& request) {
    if (request.body.size() > largestStatus)
        return {413, {}};
    const auto told = nlohmann::json::parse(request.body, nullptr, false);
    if (!told.is_object() || !told.contains("terminal"))
        return {400, {}};
    if (told["terminal"] != request.peer)
        return {403, {}};
    return {ledger_.noteStatus(request.peer, request.body) ? 204U : 500U, {}};
}

// The target is "/v1/bulletins/{kind}?above={version}". A delta that changes the very version that the
// terminal has goes before the whole.
HttpAnswer Receiver::answerBulletin(const HttpRequest& request) const {
    const auto path = std::string_view(request.target).substr(bulletins.size());
    const auto mark = path.find(above);
    const auto have =
        mark == std::string_view::npos ? std::nullopt : numberOf(path.substr(mark + above.size()));
    const auto kind = path.substr(0, mark);
    if (!have || !isPlainName(kind))
        return {400, {}};
    const auto folder = folders_.bulletins / kind;
    const auto newest = folders_.bulletins.empty() ? 0 : newestIn(folder);
    if (newest <= *have)
        return {204, {}};
    const auto version = std::to_string(newest);
    const auto delta = folder / (version + ".from-" + std::to_string(*have));
    std::error_code none;
    const auto& file = std::filesystem::exists(delta, none) ? delta : folder / version;
    HttpAnswer answer{200, {}, {}, '"' + file.filename().string() + '"'};
    if (request.ifNoneMatch == answer.etag)
        return {304, {}, {}, answer.etag};
    const auto size = std::filesystem::file_size(file, none);
    auto content = none ? std::nullopt : readPart(file, 0, size);
    if (!content)
        return {500, {}};
    answer.body = std::move(*content);
    return answer;
}

HttpAnswer Receiver::answerAttachment(const HttpRequest& request) const {
    constexpr std::size_t digits = 64;
    const auto name = std::string_view(request.target).substr(attachments.size());
    if (name.size() != digits || !isPlainName(name) || folders_.attachments.empty())
        return {404, {}};
    const auto file = folders_.attachments / name;
    std::error_code none;
    const auto size = std::filesystem::file_size(file, none);
    if (none)
        return {404, {}};
    const auto part = partOf(request.range, size);
    if (!part)
        return {416, {}, {}, {}, "bytes */" + std::to_string(size)};
    auto content = readPart(file, part->first, part->last - part->first + 1);
    if (!content)
        return {500, {}};
    return {206,
            std::move(*content),
            {},
            {},
            "bytes " + std::to_string(part->first) + "-" + std::to_string(part->last) + "/" +
                std::to_string(size)};
}

} // namespace ykt::collector
