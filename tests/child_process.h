// A program that runs until it is killed, or until the end of the scope.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace ykt::test {

// Where Debian puts daemons, whatever the PATH of who runs the tests.
inline std::string daemonNamed(const std::string& name) {
    for (const auto* folder : {"/usr/sbin/", "/usr/local/sbin/", "/usr/bin/", "/usr/local/bin/"})
        if (std::filesystem::exists(folder + name))
            return folder + name;
    throw std::runtime_error(name + " is not installed: scripts/setup installs it");
}

class ChildProcess {
  public:
    // Output and errors are appended to `log`.
    ChildProcess(std::vector<std::string> command, const std::filesystem::path& log) {
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                         0600);
        posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
        std::vector<char*> argv;
        for (auto& argument : command)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        const int error =
            ::posix_spawn(&child_, command.front().c_str(), &files, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&files);
        if (error != 0)
            throw std::runtime_error("cannot run " + command.front());
    }
    ~ChildProcess() { kill(); }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // At once, as a cut of power would, and waits until it is gone.
    void kill() {
        if (child_ == 0)
            return;
        ::kill(child_, SIGKILL);
        int status = 0;
        ::waitpid(child_, &status, 0);
        child_ = 0;
    }
    void signal(int number) const {
        if (child_ != 0)
            ::kill(child_, number);
    }
    // True: it has ended by itself. It is reaped then, so that nothing signals a number that another may
    // have.
    [[nodiscard]] bool endsWithin(std::chrono::milliseconds limit) {
        if (child_ == 0)
            return true;
        const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, child_, 0));
        pollfd ended{handle, POLLIN, 0};
        const bool gone = handle >= 0 && ::poll(&ended, 1, static_cast<int>(limit.count())) == 1;
        ::close(handle);
        if (!gone)
            return false;
        ::waitpid(child_, &status_, 0);
        child_ = 0;
        return true;
    }
    // Of one that has ended by itself; -1: a signal ended it.
    [[nodiscard]] int exitCode() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

  private:
    pid_t child_ = 0;
    int status_ = 0;
};

} // namespace ykt::test
