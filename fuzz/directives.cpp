// Bodies of the bulletin "directives": what is taken is one duty an id, and over when it says.
#include "firmware/terminal/directives.h"
#include "fuzz/fuzz.h"

#include <set>

using namespace ykt;
using namespace ykt::firmware::terminal;

YKT_FUZZ_TARGET(input) {
    const auto directives = parseDirectives(toText(input));
    if (!directives) {
        fuzz::hold(directives.error() == Reason::bulletin_malformed);
        return;
    }
    std::set<std::string> ids;
    for (const auto& directive : *directives) {
        fuzz::hold(!directive.id.empty() && ids.insert(directive.id).second);
        fuzz::hold(directive.text.zh.size() <= 200 && directive.text.en.size() <= 200);
        const bool isMessage = directive.action == Directive::Action::message;
        fuzz::hold(isMessage == !directive.text.zh.empty() && isMessage == !directive.text.en.empty());
        const bool isResync = directive.action == Directive::Action::resync;
        fuzz::hold(isResync == (directive.fromSequence > 0));
        const auto last = directive.notAfter - Milliseconds{1};
        fuzz::hold(isFor(directive, directive.terminal, last) &&
                   !isFor(directive, directive.terminal, directive.notAfter));
        fuzz::hold(isFor(directive, "elsewhere", last) == (directive.terminal == "*"));
    }
}
