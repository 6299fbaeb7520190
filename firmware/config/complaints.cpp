#include "firmware/config/complaints.h"

#include <algorithm>

namespace ykt::firmware::config {

void Complaints::add(unsigned line, const std::string& setting, const std::string& complaint) {
    lines_.push_back({line, file_ + ":" + std::to_string(line) + ": " + setting + ": " + complaint});
}

Error Complaints::fold() const {
    auto sorted = lines_;
    std::ranges::stable_sort(sorted, {}, &Complaint::line);
    Error error{Reason::config_value, {}};
    for (const auto& complaint : sorted)
        error.context += (error.context.empty() ? "" : "\n") + complaint.text;
    return error;
}

} // namespace ykt::firmware::config
