// A real Mosquitto on this machine's loopback, set up by deploy/fleet/mosquitto.
#pragma once

#include "sim/pki.h"
#include "tests/child_process.h"
#include "tests/fill_in.h"
#include "tests/free_port.h"
#include "tests/source_dir.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

namespace ykt::test {

class Broker {
  public:
    explicit Broker(const sim::Pki& pki, const std::vector<std::string>& names = {"localhost", "127.0.0.1"})
        : port_(freePort()) {
        const auto folder = folder_.path();
        REQUIRE(sim::writeIdentity(folder, "broker", *pki.serverIdentity(names)));
        REQUIRE(sim::writePrivateFile(folder / "ca.crt", asBytes(pki.caPem())));
        const std::filesystem::path deploy = test::sourceDir() / "deploy/fleet/mosquitto";
        const std::map<std::string, std::string> values{
            {"USER", "root"},         {"PORT", std::to_string(port_)},
            {"ADDRESS", "127.0.0.1"}, {"KEYS", folder},
            {"CONFIG", folder},       {"DATA", folder}};
        fillIn(deploy / "mosquitto.conf", folder / "mosquitto.conf", values);
        fillIn(deploy / "acl", folder / "acl", values);
        std::filesystem::permissions(folder / "acl", std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_write);
        start();
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    void start() {
        process_.emplace(
            std::vector<std::string>{daemonNamed("mosquitto"), "-c", folder_.path() / "mosquitto.conf"},
            folder_.path() / "log");
        REQUIRE(listens(port_));
    }
    void kill() { process_->kill(); }
    void freeze() { process_->signal(SIGSTOP); }
    void thaw() { process_->signal(SIGCONT); }
    // Ends in peace, and so writes what it keeps.
    void stop() {
        process_->signal(SIGTERM);
        (void)process_->endsWithin(std::chrono::seconds{10}); // else it is killed
    }
    [[nodiscard]] std::string log() const {
        std::stringstream content;
        content << std::ifstream(folder_.path() / "log").rdbuf();
        return content.str();
    }

  private:
    TemporaryFolder folder_;
    std::uint16_t port_;
    std::optional<ChildProcess> process_;
};

} // namespace ykt::test
