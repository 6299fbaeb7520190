#include "apdu/trace_text.h"

#include <algorithm>
#include <charconv>

namespace ykt::apdu {
namespace {

constexpr std::size_t maxCommandBytes = 65544; // extended, with data and Le
constexpr std::size_t maxAnswerBytes = 65538;

// Pairs of hexadecimal digits or asterisks, with blanks between them or not.
std::optional<MaskedBytes> bytesFrom(std::string_view text) {
    MaskedBytes bytes;
    while (!text.empty()) {
        if (text.front() == ' ') {
            text.remove_prefix(1);
            continue;
        }
        const auto pair = text.substr(0, 2);
        text.remove_prefix(pair.size());
        if (pair == "**") {
            bytes.emplace_back();
            continue;
        }
        unsigned value = 0;
        const auto* const end = pair.data() + pair.size();
        if (const auto read = std::from_chars(pair.data(), end, value, 16);
            pair.size() != 2 || read.ec != std::errc() || read.ptr != end)
            return std::nullopt;
        bytes.emplace_back(static_cast<std::uint8_t>(value));
    }
    return bytes;
}

// Takes `word` and the blank after it, if there is one, from the front of the line.
bool take(std::string_view& line, std::string_view word) {
    if (!line.starts_with(word))
        return false;
    auto rest = line.substr(word.size());
    if (!rest.empty() && rest.front() != ' ')
        return false;
    rest.remove_prefix(rest.empty() ? 0 : 1);
    line = rest;
    return true;
}

std::optional<std::uint32_t> takeTime(std::string_view& line) {
    std::uint32_t ms = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), ms);
    const auto size = static_cast<std::size_t>(read.ptr - line.data());
    if (read.ec != std::errc() || size >= line.size() || line[size] != ' ')
        return std::nullopt;
    line.remove_prefix(size + 1);
    return ms;
}

class Reader {
  public:
    Result<Trace> read(std::string_view text) {
        if (text.size() > maxTraceBytes)
            return fail(Reason::input_malformed, "trace: too long");
        while (!text.empty()) {
            const auto line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(text.size(), line.size() + 1));
            if (++number_ > maxTraceLines)
                return expected("at most " + std::to_string(maxTraceLines) + " lines");
            if (number_ > 1 && (line.empty() || line.front() == '#'))
                continue;
            if (auto done = (this->*next_)(line); !done)
                return failWith(done);
        }
        ++number_;
        if (next_ != &Reader::step && next_ != &Reader::afterReset)
            return expected("more, the trace ends too early");
        return std::move(trace_);
    }

  private:
    [[nodiscard]] tl::unexpected<Error> expected(const std::string& what) const {
        return fail(Reason::input_malformed, "trace line " + std::to_string(number_) + ": expected " + what);
    }

    Result<void> title(std::string_view line) {
        if (line != traceTitle)
            return expected("'" + std::string(traceTitle) + "'");
        next_ = &Reader::atr;
        return {};
    }

    Result<void> atr(std::string_view line) {
        constexpr std::size_t maxAtrBytes = 33;
        auto bytes = take(line, "atr") ? bytesFrom(line) : std::nullopt;
        if (!bytes || bytes->size() > maxAtrBytes)
            return expected("'atr' and at most 33 bytes in hexadecimal");
        trace_.atr = std::move(*bytes);
        next_ = &Reader::step;
        return {};
    }

    Result<void> step(std::string_view line) {
        TraceStep step;
        step.ms = takeTime(line);
        if (line == "reset") {
            step.kind = TraceStep::Kind::reset;
            next_ = &Reader::afterReset;
        } else {
            auto bytes = take(line, ">") ? bytesFrom(line) : std::nullopt;
            if (!bytes || bytes->empty() || bytes->size() > maxCommandBytes)
                return expected("a command, '> ' and hexadecimal, or 'reset'");
            step.command = std::move(*bytes);
            next_ = &Reader::outcome;
        }
        trace_.steps.push_back(std::move(step));
        return {};
    }

    Result<void> outcome(std::string_view line) {
        if (line.starts_with('!'))
            return failure(line);
        constexpr std::size_t statusSize = 2;
        auto bytes = take(line, "<") ? bytesFrom(line) : std::nullopt;
        if (!bytes || bytes->size() < statusSize || bytes->size() > maxAnswerBytes)
            return expected("an answer, '< ' and hexadecimal, or '! ' and a reason");
        trace_.steps.back().answer = std::move(*bytes);
        next_ = &Reader::step;
        return {};
    }

    Result<void> afterReset(std::string_view line) {
        return line.starts_with('!') ? failure(line) : step(line);
    }

    Result<void> failure(std::string_view line) {
        const auto reason = take(line, "!") ? reasonFromName(line) : std::nullopt;
        if (!reason || describe(*reason).layer != Layer::wire)
            return expected("'! ' and a reason of the wire");
        trace_.steps.back().failure = *reason;
        next_ = &Reader::step;
        return {};
    }

    Result<void> (Reader::*next_)(std::string_view) = &Reader::title;
    std::size_t number_ = 0;
    Trace trace_;
};

} // namespace

std::string traceHead(const MaskedBytes& atr) {
    return std::string(traceTitle) + "\natr " + toHex(atr) + '\n';
}

std::string lineOf(const TraceStep& step) {
    std::string text = step.ms ? std::to_string(*step.ms) + ' ' : std::string();
    text += step.kind == TraceStep::Kind::reset ? "reset\n" : "> " + toHex(step.command) + '\n';
    if (step.failure)
        text += "! " + std::string(nameOf(*step.failure)) + '\n';
    else if (step.kind == TraceStep::Kind::exchange)
        text += "< " + toHex(step.answer) + '\n';
    return text;
}

std::string formatTrace(const Trace& trace) {
    auto text = traceHead(trace.atr);
    for (const auto& step : trace.steps)
        text += lineOf(step);
    return text;
}

Result<Trace> parseTrace(std::string_view text) {
    return Reader().read(text);
}

} // namespace ykt::apdu
