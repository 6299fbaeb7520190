// Why something was not done: one reason from one list, with who said no.
#pragma once

#include "base/reason_list.h"

#include <optional>
#include <span>
#include <string_view>

namespace ykt {

// The layer that a reason belongs to.
enum class Layer { wire, card, code, identity, rule, store, upstream, crypto, config, input };

// Three kinds of 'no' that must never look alike: the terminal failed, the card or code said no, the rules
// said no.
enum class Origin { terminal, medium, rules };

enum class Reason {
#define YKT_ENUMERATOR(layer, name, origin, meaning, remedy, zh, en) name,
    YKT_REASONS(YKT_ENUMERATOR)
#undef YKT_ENUMERATOR
};

struct ReasonInfo {
    Reason reason;
    Layer layer;
    Origin origin;
    std::string_view name;
    std::string_view meaning;  // one line, for an operator
    std::string_view remedy;   // one line, for an operator
    std::string_view holderZh; // what the holder is told
    std::string_view holderEn;
};

const ReasonInfo& describe(Reason reason);
std::span<const ReasonInfo> allReasons();
std::optional<Reason> reasonFromName(std::string_view name);
inline std::string_view nameOf(Reason reason) {
    return describe(reason).name;
}
std::string_view nameOf(Layer layer);
std::string_view nameOf(Origin origin);

} // namespace ykt
