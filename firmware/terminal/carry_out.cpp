#include "firmware/terminal/carry_out.h"

#include "firmware/terminal/payload.h"

#include <spdlog/spdlog.h>

namespace ykt::firmware::terminal {
namespace {

using Action = Directive::Action;

offline_store::Effect effectOf(const Directive& directive) {
    switch (directive.action) {
    case Action::lock:
        return {.locked = true};
    case Action::unlock:
        return {.locked = false};
    case Action::resync:
        return {.resyncFrom = directive.fromSequence};
    case Action::message:
        break;
    }
    return {};
}

} // namespace

Result<unsigned> carryOut(const std::vector<Directive>& directives, std::string_view terminal,
                          offline_store::Store& store, WallTime now) {
    unsigned done = 0;
    for (const auto& directive : directives) {
        if (!isFor(directive, terminal, now))
            continue;
        const nlohmann::json event{{"id", directive.id}, {"action", nameOf(directive.action)}};
        const auto first = store.carryOut(
            directive.id, effectOf(directive),
            {offline_store::RecordClass::security_event, "directive_done", sealedSoon(event), {}});
        if (!first)
            return failWith(first);
        if (!*first)
            continue;
        spdlog::warn("directive {}: {}", directive.id, nameOf(directive.action));
        ++done;
    }
    return done;
}

} // namespace ykt::firmware::terminal
