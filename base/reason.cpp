#include "base/reason.h"

#include <algorithm>
#include <array>

namespace ykt {
namespace {

constexpr std::array table{
#define YKT_ROW(layer, name, origin, meaning, remedy, zh, en)                                                \
    ReasonInfo{Reason::name, Layer::layer, Origin::origin, #name, meaning, remedy, zh, en},
    YKT_REASONS(YKT_ROW)
#undef YKT_ROW
};

} // namespace

const ReasonInfo& describe(Reason reason) {
    return table.at(static_cast<std::size_t>(reason));
}

std::span<const ReasonInfo> allReasons() {
    return table;
}

std::optional<Reason> reasonFromName(std::string_view name) {
    const auto row = std::ranges::find(table, name, &ReasonInfo::name);
    return row == table.end() ? std::nullopt : std::optional{row->reason};
}

std::string_view nameOf(Layer layer) {
    constexpr std::array<std::string_view, 10> names{"wire",  "card",     "code",   "identity", "rule",
                                                     "store", "upstream", "crypto", "config",   "input"};
    return names.at(static_cast<std::size_t>(layer));
}

std::string_view nameOf(Origin origin) {
    constexpr std::array<std::string_view, 3> names{"terminal", "medium", "rules"};
    return names.at(static_cast<std::size_t>(origin));
}

} // namespace ykt
