// Files of deploy/ with the values of one test.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace ykt::test {

// Copies a file and puts `values` in the place of what stands between @.
inline void fillIn(const std::filesystem::path& from, const std::filesystem::path& to,
                   const std::map<std::string, std::string>& values) {
    std::stringstream content;
    content << std::ifstream(from).rdbuf();
    auto text = content.str();
    REQUIRE_FALSE(text.empty());
    for (const auto& [name, value] : values)
        for (std::size_t at = 0; (at = text.find('@' + name + '@', at)) != std::string::npos;)
            text.replace(at, name.size() + 2, value);
    std::ofstream(to) << text;
}

} // namespace ykt::test
