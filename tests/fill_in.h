// Files of deploy/ with the values of one test.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace ykt::test {

// Of what surrounds a test; programs without Catch2 use it too.
inline void must(bool held, const std::string& what) {
    if (!held)
        throw std::runtime_error(what);
}

// Copies a file and puts `values` in the place of what stands between @.
inline void fillIn(const std::filesystem::path& from, const std::filesystem::path& to,
                   const std::map<std::string, std::string>& values) {
    std::stringstream content;
    content << std::ifstream(from).rdbuf();
    auto text = content.str();
    must(!text.empty(), "cannot read " + from.string());
    for (const auto& [name, value] : values)
        for (std::size_t at = 0; (at = text.find('@' + name + '@', at)) != std::string::npos;)
            text.replace(at, name.size() + 2, value);
    std::ofstream(to) << text;
}

} // namespace ykt::test
