#include "collector/nats_protocol.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace ykt::collector {

namespace {

constexpr std::string_view lineEnding = "\r\n";
constexpr std::string_view headerVersion = "NATS/1.0";

template <typename Number>
std::optional<Number> numberOf(std::string_view text) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::vector<std::string_view> words(std::string_view line) {
    constexpr std::string_view blanks = " \t";
    std::vector<std::string_view> words;
    for (auto begin = line.find_first_not_of(blanks); begin != std::string_view::npos;) {
        const auto end = std::min(line.find_first_of(blanks, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = line.find_first_not_of(blanks, end);
    }
    return words;
}

// "OP arguments" as its two parts.
std::pair<std::string_view, std::string_view> split(std::string_view line) {
    const auto blank = std::min(line.find_first_of(" \t"), line.size());
    const auto rest = std::min(line.find_first_not_of(" \t", blank), line.size());
    return {line.substr(0, blank), line.substr(rest)};
}

} // namespace

void NatsParser::feed(std::string_view bytes) {
    if (at_ > 0) {
        buffer_.erase(0, at_);
        at_ = 0;
    }
    buffer_.append(bytes);
}

Result<std::optional<NatsEvent>> NatsParser::next() {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    const auto end = rest.substr(0, longestLine).find(lineEnding);
    if (end == std::string_view::npos) {
        if (rest.size() >= longestLine)
            return fail(Reason::reply_malformed, "NATS: a line without an end");
        return std::nullopt;
    }
    const auto [operation, arguments] = split(rest.substr(0, end));
    const auto lineEnd = at_ + end + lineEnding.size();
    if (operation == "MSG" || operation == "HMSG")
        return parseMessage(arguments, operation == "HMSG", lineEnd);
    std::optional<NatsEvent> event;
    if (operation == "PING")
        event = NatsPing{};
    else if (operation == "PONG")
        event = NatsPong{};
    else if (operation == "+OK")
        event = NatsOk{};
    else if (operation == "-ERR")
        event = NatsError{std::string(arguments)};
    else if (operation == "INFO")
        event = NatsInfo{std::string(arguments)};
    else
        return fail(Reason::reply_malformed, "NATS: an unknown operation");
    at_ = lineEnd;
    return event;
}

// "subject sid [reply] size", with headers "subject sid [reply] header-size size"; then so many bytes and a
// line's end.
Result<std::optional<NatsEvent>> NatsParser::parseMessage(std::string_view arguments, bool withHeaders,
                                                          std::size_t lineEnd) {
    const auto parts = words(arguments);
    const std::size_t least = withHeaders ? 4 : 3;
    if (parts.size() != least && parts.size() != least + 1)
        return fail(Reason::reply_malformed, "NATS: a message's line");
    const auto subscription = numberOf<std::uint64_t>(parts[1]);
    const auto size = numberOf<std::size_t>(parts.back());
    const auto headerSize = withHeaders ? numberOf<std::size_t>(parts[parts.size() - 2]) : 0;
    if (!subscription || !size || !headerSize || *headerSize > *size || *size > largestMessage)
        return fail(Reason::reply_malformed, "NATS: a message's size");
    if (buffer_.size() - lineEnd < *size + lineEnding.size())
        return std::nullopt;
    const auto body = std::string_view(buffer_).substr(lineEnd, *size);
    if (std::string_view(buffer_).substr(lineEnd + *size, lineEnding.size()) != lineEnding)
        return fail(Reason::reply_malformed, "NATS: a message does not end where it should");
    NatsMessage message{std::string(parts[0]), *subscription,
                        parts.size() > least ? std::string(parts[2]) : std::string(),
                        std::string(body.substr(0, *headerSize)), std::string(body.substr(*headerSize))};
    at_ = lineEnd + *size + lineEnding.size();
    return NatsEvent{std::move(message)};
}

std::optional<unsigned> statusOf(const NatsMessage& message) {
    const std::string_view line = std::string_view(message.headers).substr(0, message.headers.find('\r'));
    if (!line.starts_with(headerVersion))
        return std::nullopt;
    const auto parts = words(line.substr(headerVersion.size()));
    return parts.empty() ? std::nullopt : numberOf<unsigned>(parts[0]);
}

bool isSubjectToken(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != '.' && c != '*' && c != '>' && c != 0x7F;
    });
}

} // namespace ykt::collector
