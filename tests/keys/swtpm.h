// A TPM 2.0 of a test's own: swtpm on a socket, with its state in a folder that outlives a restart.
#pragma once

#include "tests/eventually.h"
#include "tests/temporary_folder.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ykt::test {

class Swtpm {
  public:
    Swtpm() { start(); }
    ~Swtpm() { stop(); }
    Swtpm(const Swtpm&) = delete;
    Swtpm& operator=(const Swtpm&) = delete;

    [[nodiscard]] std::string tcti() const { return "swtpm:path=" + socket(); }

    void stop() {
        if (child_ <= 0)
            return;
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
        child_ = 0;
        for (const auto& left : {socket(), socket() + ".ctrl"})
            std::filesystem::remove(left);
    }
    // As after a power cut: the same TPM, begun anew.
    void restart() {
        stop();
        start();
    }

  private:
    [[nodiscard]] std::string socket() const { return (folder_.path() / "tpm").string(); }

    static bool listens(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool connected =
            ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(fd);
        return connected;
    }

    void start() {
        std::string state = "dir=" + folder_.path().string();
        std::string server = "type=unixio,path=" + socket();
        std::string control = "type=unixio,path=" + socket() + ".ctrl"; // tpm2-tss asks there for locality
        std::array<const char*, 11> arguments{
            "swtpm",    "socket",       "--tpm2", "--tpmstate",    state.c_str(),
            "--server", server.c_str(), "--ctrl", control.c_str(), "--flags=not-need-init",
            nullptr};
        posix_spawn_file_actions_t quiet;
        posix_spawn_file_actions_init(&quiet);
        posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        const int failed = ::posix_spawnp(&child_, "swtpm", &quiet, nullptr,
                                          const_cast<char* const*>(arguments.data()), environ);
        posix_spawn_file_actions_destroy(&quiet);
        if (failed != 0)
            throw std::runtime_error("swtpm: scripts/setup installs it");
        if (!eventually([&] { return listens(socket()) && listens(socket() + ".ctrl"); }))
            throw std::runtime_error("swtpm does not start");
    }

    TemporaryFolder folder_;
    pid_t child_ = 0;
};

} // namespace ykt::test
