// A program run beside this one, its output in a file.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ykt::demo {

class ChildProcess {
  public:
    // `log` is appended to. Errors: config_unreadable (the program cannot be started).
    static Result<std::unique_ptr<ChildProcess>> start(const std::filesystem::path& program,
                                                       const std::vector<std::string>& arguments,
                                                       const std::filesystem::path& log);
    void kill();     // SIGKILL, without waiting for its end
    ~ChildProcess(); // SIGTERM, and SIGKILL if it is not gone within five seconds

    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

  private:
    explicit ChildProcess(pid_t pid) : pid_(pid) {}
    pid_t pid_;
};

} // namespace ykt::demo
