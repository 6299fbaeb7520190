#include "firmware/terminal/directives.h"

#include "firmware/json/json_object.h"
#include "firmware/policy/names.h"

#include <algorithm>
#include <array>

namespace ykt::firmware::terminal {
namespace {

using Action = Directive::Action;

constexpr std::array<std::string_view, 4> actionNames{"lock", "unlock", "message", "resync"};
constexpr std::int64_t lastSecond = 253'402'300'799; // of the year 9999
constexpr std::size_t longestMessage = 200;          // bytes

std::optional<Action> actionFromName(std::string_view name) {
    const auto found = std::ranges::find(actionNames, name);
    if (found == actionNames.end())
        return std::nullopt;
    return static_cast<Action>(found - actionNames.begin());
}

// "*", or 1 to 32 of A-Z 0-9 and '-'.
std::optional<std::string> terminalFromText(std::string_view text) {
    const bool fits = std::ranges::all_of(
        text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
    if (text != "*" && (!fits || text.empty() || text.size() > 32))
        return std::nullopt;
    return std::string(text);
}

policy::Text readText(JsonObject object) {
    policy::Text text{object.text("zh"), object.text("en")};
    if (text.zh.size() > longestMessage || text.en.size() > longestMessage)
        object.refuse("zh", "a message is longer than 200 bytes");
    object.close();
    return text;
}

Directive readDirective(JsonObject object) {
    Directive directive;
    directive.id = object.name("id", policy::identifierFromText);
    directive.terminal = object.name("terminal", terminalFromText);
    directive.action = object.name("action", actionFromName);
    directive.notAfter = wallFromUnixSeconds(object.integer("not_after", 0, lastSecond));
    if (directive.action == Action::message)
        directive.text = readText(object.object("text"));
    if (directive.action == Action::resync)
        directive.fromSequence = static_cast<std::uint64_t>(object.integer("from_sequence", 1, INT64_MAX));
    object.close();
    return directive;
}

} // namespace

std::string_view nameOf(Action action) {
    return actionNames.at(static_cast<std::size_t>(action));
}

Result<std::vector<Directive>> parseDirectives(std::string_view json) {
    try {
        const auto document = parseJson(json);
        JsonObject root{document, ""};
        std::vector<Directive> directives;
        for (auto& entry : root.objects("directives")) {
            auto directive = readDirective(entry);
            if (std::ranges::find(directives, directive.id, &Directive::id) != directives.end())
                entry.refuse("id", "listed twice");
            directives.push_back(std::move(directive));
        }
        root.close();
        return directives;
    } catch (const JsonRefused& refused) {
        return fail(Reason::bulletin_malformed, "directives: " + refused.what);
    }
}

bool isFor(const Directive& directive, std::string_view terminal, WallTime now) {
    return (directive.terminal == "*" || directive.terminal == terminal) && now < directive.notAfter;
}

} // namespace ykt::firmware::terminal
