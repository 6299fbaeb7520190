#include "tests/tools/program.h"

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ykt::tests {
namespace {

std::string contentOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

std::vector<std::string> Said::lines() const {
    std::vector<std::string> found;
    std::istringstream in(out);
    for (std::string line; std::getline(in, line);)
        found.push_back(line);
    return found;
}

std::vector<nlohmann::ordered_json> Said::objects() const {
    std::vector<nlohmann::ordered_json> found;
    for (const auto& line : lines())
        found.push_back(nlohmann::ordered_json::parse(line));
    return found;
}

nlohmann::ordered_json Said::object() const {
    const auto all = objects();
    if (all.size() != 1)
        throw std::runtime_error("one line was expected, not: " + out + err);
    return all.front();
}

Said yktctl(std::vector<std::string> arguments, const std::string& input) {
    const Scratch scratch;
    const auto in = scratch.write("in", input);
    const auto out = scratch.file("out");
    const auto err = scratch.file("err");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
    std::string program = YKT_YKTCTL;
    std::vector<char*> argv{program.data()};
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    char* environment[] = {nullptr};
    pid_t child = 0;
    const int error = ::posix_spawn(&child, program.c_str(), &files, nullptr, argv.data(), environment);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0)
        throw std::runtime_error("cannot run " + program);
    int state = 0;
    ::waitpid(child, &state, 0);
    return {WIFEXITED(state) ? WEXITSTATUS(state) : -1, contentOf(out), contentOf(err)};
}

Scratch::Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "yktctl-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("no temporary folder");
    folder_ = pattern;
}

Scratch::~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path Scratch::write(const std::string& name, const std::string& content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
}

} // namespace ykt::tests
