#include "tools/demo/child_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ykt::demo {
namespace {

constexpr int stopLimitMilliseconds = 5'000;

} // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const std::filesystem::path& program,
                                                          const std::vector<std::string>& arguments,
                                                          const std::filesystem::path& log) {
    std::string name = program.string();
    std::vector<std::string> texts = arguments;
    std::vector<char*> argv{name.data()};
    for (auto& text : texts)
        argv.push_back(text.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    posix_spawnattr_t attributes; // the child must not inherit the signals that this program blocks
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

    pid_t pid = 0;
    const int error = posix_spawn(&pid, name.c_str(), &files, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error != 0)
        return fail(Reason::config_unreadable, name + ": " + std::strerror(error));
    return std::unique_ptr<ChildProcess>(new ChildProcess(pid));
}

void ChildProcess::kill() {
    ::kill(pid_, SIGKILL);
}

ChildProcess::~ChildProcess() {
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    ::kill(pid_, SIGTERM);
    pollfd ended{handle, POLLIN, 0};
    if (handle < 0 || ::poll(&ended, 1, stopLimitMilliseconds) <= 0)
        ::kill(pid_, SIGKILL);
    if (handle >= 0)
        ::close(handle);
    ::waitpid(pid_, nullptr, 0);
}

} // namespace ykt::demo
