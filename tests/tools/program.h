// Runs the built yktctl and keeps what it said.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ykt::tests {

struct Said {
    int status = -1; // exit status; -1: it did not end by itself
    std::string out;
    std::string err;

    [[nodiscard]] std::vector<std::string> lines() const;
    [[nodiscard]] std::vector<nlohmann::ordered_json> objects() const; // one a line
    [[nodiscard]] nlohmann::ordered_json object() const;               // the only one
};

// With an environment that names no socket. `input` is standard input.
Said yktctl(std::vector<std::string> arguments, const std::string& input = {});

// A folder that is gone with the object.
class Scratch {
  public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] std::filesystem::path file(const std::string& name) const { return folder_ / name; }
    std::filesystem::path write(const std::string& name, const std::string& content) const;

  private:
    std::filesystem::path folder_;
};

} // namespace ykt::tests
