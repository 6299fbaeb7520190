// The forms of names that the lists of this room have in common; none where a text has not that form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ykt::firmware::policy {

// 1 to 64 of a-z 0-9 . _
std::optional<std::string> identifierFromText(std::string_view text);
// "*", or two to six digits of GB/T 2260.
std::optional<std::string> regionFromText(std::string_view text);
// Is the region of this code under one of these prefixes? An unknown one (empty) is under "*" alone.
bool covers(const std::vector<std::string>& regions, std::string_view code);

} // namespace ykt::firmware::policy
