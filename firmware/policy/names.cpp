#include "firmware/policy/names.h"

#include <algorithm>

namespace ykt::firmware::policy {

std::optional<std::string> identifierFromText(std::string_view text) {
    const bool fits = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    });
    if (!fits || text.empty() || text.size() > 64)
        return std::nullopt;
    return std::string(text);
}

std::optional<std::string> regionFromText(std::string_view text) {
    const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (text != "*" && (!digits || text.size() < 2 || text.size() > 6))
        return std::nullopt;
    return std::string(text);
}

bool covers(const std::vector<std::string>& regions, std::string_view code) {
    return std::ranges::any_of(regions, [code](std::string_view prefix) {
        return prefix == "*" || (!code.empty() && code.starts_with(prefix));
    });
}

} // namespace ykt::firmware::policy
