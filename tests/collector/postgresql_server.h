// A real PostgreSQL server on a Unix socket in a temporary folder. It refuses to run as root, so root runs it
// as the user that Debian's package makes.
#pragma once

#include "collector/postgresql_connection.h"
#include "tests/child_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

#include <optional>

namespace ykt::test {

class PostgresqlServer {
  public:
    // Runs until the end of the program.
    static PostgresqlServer& shared() {
        static PostgresqlServer server;
        return server;
    }

    PostgresqlServer() {
        if (::geteuid() == 0)
            system("/usr/bin/chown postgres " + folder_.path().string());
        system(join(asUser({bin + "initdb", "-D", data(), "-U", "ykt", "-A", "trust", "-E", "UTF8",
                            "--locale=C", "--no-sync"})) +
               " > /dev/null");
        start();
    }
    ~PostgresqlServer() { stop(SIGQUIT); }
    PostgresqlServer(const PostgresqlServer&) = delete;
    PostgresqlServer& operator=(const PostgresqlServer&) = delete;

    void start() {
        process_.emplace(asUser({bin + "postgres", "-D", data(), "-k", folder_.path(), "-c",
                                 "listen_addresses=", "-c", "shared_buffers=16MB"}),
                         log_.path() / "log");
        const auto answers = [&] {
            return collector::PostgresqlConnection::open(parameters("postgres")).has_value();
        };
        if (!eventually(answers, std::chrono::seconds{30}))
            throw std::runtime_error("PostgreSQL does not answer");
    }
    // With SIGQUIT as after a crash: nothing is tidied up.
    void stop(int signal) {
        process_->signal(signal);
        (void)process_->endsWithin(std::chrono::seconds{10}); // else it is killed
        process_.reset();
    }

    [[nodiscard]] std::string parameters(const std::string& database) const {
        return "host=" + folder_.path().string() + " user=ykt dbname=" + database;
    }
    // Of an empty database that nobody else has.
    std::string newDatabase() {
        const auto name = "ledger" + std::to_string(++databases_);
        if (!collector::PostgresqlConnection::open(parameters("postgres"))
                 ->run(("CREATE DATABASE " + name).c_str()))
            throw std::runtime_error("CREATE DATABASE");
        return parameters(name);
    }

  private:
    [[nodiscard]] std::string data() const { return folder_.path() / "data"; }
    static std::vector<std::string> asUser(std::vector<std::string> command) {
        if (::geteuid() == 0)
            command.insert(command.begin(), {"/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres",
                                             "--init-groups", "--"});
        return command;
    }
    static std::string join(const std::vector<std::string>& words) {
        std::string line;
        for (const auto& word : words)
            line += word + " ";
        return line;
    }
    static void system(const std::string& line) {
        if (std::system(line.c_str()) != 0)
            throw std::runtime_error(line);
    }

    inline static const std::string bin = "/usr/lib/postgresql/15/bin/";
    TemporaryFolder folder_;
    TemporaryFolder log_; // the server's user may not write to it, and need not: the file is open already
    std::optional<ChildProcess> process_;
    int databases_ = 0;
};

} // namespace ykt::test
