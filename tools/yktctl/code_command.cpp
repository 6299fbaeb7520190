// What a code's payload says and whether it holds, without a terminal.
#include "base/china_time.h"
#include "base/hex.h"
#include "drivers/system/clock.h"
#include "firmware/identity/trust_anchors.h"
#include "qr/explain.h"
#include "tools/yktctl/input_file.h"
#include "tools/yktctl/json.h"
#include "tools/yktctl/run.h"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>

namespace ykt::tools {
namespace {

struct CodeOptions {
    std::string hex;
    std::string at; // empty: now
    std::filesystem::path trust;
    std::uint32_t fareFen = 0;
};

Json objectOf(const qr::NamedTexts& texts) {
    Json object = Json::object();
    for (const auto& [name, text] : texts)
        object[name] = text;
    return object;
}

struct Judge {
    std::shared_ptr<const qr::CodeVerifier> verifier;
    WallTime now;
    std::uint32_t fareFen;

    // Prints what the payload says; a no where the code is refused.
    [[nodiscard]] Ending judge(ByteView payload) const {
        const auto explanation = qr::explainCode(payload, *verifier, now, fareFen);
        printLine({{"format", explanation.format},
                   {"verdict", explanation.verdict},
                   {"why", explanation.why},
                   {"judged_at", formatUtc(explanation.judgedAt)},
                   {"signatures", objectOf(explanation.signatures)},
                   {"fields", objectOf(explanation.fields)}});
        return explanation.verdict == "accept" ? Ending::done : Ending::no;
    }
};

std::optional<WallTime> fromUnixSeconds(std::string_view text) {
    constexpr std::int64_t lastSecond = 253'402'300'799; // of the year 9999
    std::int64_t seconds = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, seconds);
    if (read.ec != std::errc{} || read.ptr != end || seconds < 0 || seconds > lastSecond)
        return std::nullopt;
    return wallFromUnixSeconds(seconds);
}

// "2026-01-01T00:00:10Z", with or without milliseconds, which are dropped.
std::optional<WallTime> fromIso8601(std::string_view text) {
    std::string form{text};
    std::string digits;
    for (auto& c : form) {
        if (c < '0' || c > '9')
            continue;
        digits.push_back(c);
        c = '0';
    }
    if (form != "0000-00-00T00:00:00Z" && form != "0000-00-00T00:00:00.000Z")
        return std::nullopt;
    LocalTime calendar{};
    std::ranges::copy(*fromHex(std::string_view(digits).substr(0, 2 * calendar.size())), calendar.begin());
    const auto inChina = wallTimeOf(calendar);
    return inChina ? std::optional(*inChina + chinaOffset) : std::nullopt; // the same figures, read as UTC
}

Result<WallTime> timeToJudgeBy(const std::string& text) {
    if (text.empty())
        return drivers::SystemClock().now().wall;
    const auto seconds = fromUnixSeconds(text);
    const auto time = seconds ? seconds : fromIso8601(text);
    if (!time)
        return fail(Reason::input_malformed,
                    "--at: neither Unix seconds nor a time like 2026-01-01T00:00:10Z");
    return *time;
}

Result<Judge> makeJudge(const CodeOptions& options) {
    const auto time = timeToJudgeBy(options.at);
    if (!time)
        return failWith(time);
    const auto now = *time;
    if (options.trust.empty())
        return Judge{std::make_shared<qr::CodeVerifier>(qr::TrustAnchors{}), now, options.fareFen};
    const auto text = readInput(options.trust);
    if (!text)
        return failWith(text);
    auto anchors = firmware::identity::parseTrustAnchors(toText(*text));
    if (!anchors)
        return fail(Reason::config_unreadable, options.trust.string() + ": " + anchors.error().context);
    return Judge{std::make_shared<qr::CodeVerifier>(std::move(*anchors)), now, options.fareFen};
}

Ending judgeLines(const Judge& judge) {
    auto ending = Ending::done;
    for (std::string line; std::getline(std::cin, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos)
            continue;
        const auto payload = fromHex(line);
        if (payload) {
            ending = worse(ending, judge.judge(*payload));
        } else {
            printLine({{"error", nameOf(payload.error().reason)}, {"context", payload.error().context}});
            ending = worse(ending, Ending::no);
        }
    }
    return ending;
}

Ending decodeCode(const CodeOptions& options) {
    const auto judge = makeJudge(options);
    if (!judge)
        return complain(judge.error());
    if (options.hex == "-")
        return judgeLines(*judge);
    const auto payload = fromHex(options.hex);
    return payload ? judge->judge(*payload) : complain(payload.error());
}

} // namespace

void addCodeCommand(CLI::App& app, Run& run) {
    auto& command = *app.add_subcommand("decode-code", "Read and verify the payload of a code");
    auto options = std::make_shared<CodeOptions>();
    command.add_option("HEX", options->hex, "The payload in hexadecimal; - for one a line on standard input")
        ->required();
    command.add_option("--at", options->at,
                       "The time to judge by: Unix seconds or 2026-01-01T00:00:10Z; otherwise now");
    command.add_option(
        "--trust", options->trust,
        R"(CA keys: {"ca_keys":[{"index":"FE","public_key":"04..."}]}; otherwise none is trusted)");
    command.add_option("--fare", options->fareFen, "The fare to be taken, in fen")->capture_default_str();
    command.footer(
        "Example:\n  yktctl decode-code 8101492401... --trust ca-keys.json --at 1767225610 --fare 200");
    onChosen(command, run, options, decodeCode);
}

} // namespace ykt::tools
