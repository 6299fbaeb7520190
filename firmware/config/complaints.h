// All that is wrong with a profile, so that its author mends it in one go.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace ykt::firmware::config {

class Complaints {
  public:
    explicit Complaints(std::string file) : file_(std::move(file)) {}

    // `complaint` is "what is wrong; remedy".
    void add(unsigned line, const std::string& setting, const std::string& complaint);
    [[nodiscard]] bool none() const { return lines_.empty(); }
    // config_value, with one line of context for each: "file:line: setting: what is wrong; remedy".
    [[nodiscard]] Error fold() const;

  private:
    struct Complaint {
        unsigned line = 0;
        std::string text;
    };
    std::string file_;
    std::vector<Complaint> lines_;
};

} // namespace ykt::firmware::config
