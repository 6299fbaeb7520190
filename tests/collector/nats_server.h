// A real nats-server on this machine's loopback, with JetStream in a temporary folder.
#pragma once

#include "collector/jetstream.h"
#include "drivers/system/clock.h"
#include "sim/pki.h"
#include "tests/child_process.h"
#include "tests/free_port.h"
#include "tests/must.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <optional>

namespace ykt::test {

class NatsServer {
  public:
    // With `pki`: TLS, and clients show certificates under its CA.
    explicit NatsServer(const sim::Pki* pki = nullptr) : port_(freePort()) {
        const auto folder = folder_.path();
        std::ofstream config(folder / "nats.conf");
        config << "listen: 127.0.0.1:" << port_ << "\nserver_name: one\n"
               << "jetstream { store_dir: \"" << (folder / "store").string() << "\" }\n";
        if (pki != nullptr) {
            REQUIRE(sim::writeIdentity(folder, "server", *pki->serverIdentity()));
            REQUIRE(sim::writePrivateFile(folder / "ca.crt", asBytes(pki->caPem())));
            config << "tls { cert_file: \"" << (folder / "server.crt").string() << "\", key_file: \""
                   << (folder / "server.key").string() << "\", ca_file: \"" << (folder / "ca.crt").string()
                   << "\", verify: true }\n";
        } else {
            config << "authorization { user: collector, password: \"pass word\" }\n";
        }
        config.close();
        start();
    }
    void start() {
        process_.emplace(
            std::vector<std::string>{daemonNamed("nats-server"), "-c", folder_.path() / "nats.conf"},
            folder_.path() / "log");
        REQUIRE(listens(port_));
    }
    void kill() { process_->kill(); }
    void freeze() { process_->signal(SIGSTOP); }
    void thaw() { process_->signal(SIGCONT); }
    [[nodiscard]] collector::NatsServer address() const { return {"127.0.0.1", port_}; }

  private:
    TemporaryFolder folder_;
    std::uint16_t port_;
    std::optional<ChildProcess> process_;
};

inline collector::NatsSettings withPassword() {
    collector::NatsSettings settings;
    settings.user = "collector";
    settings.password = Secret::copyOf(asBytes("pass word"));
    return settings;
}

// Within this a server of this machine answers.
inline constexpr Milliseconds soon{5'000};

inline std::unique_ptr<collector::NatsClient> connectTo(const NatsServer& server, const hal::Clock& clock) {
    return must(collector::NatsClient::connect(server.address(), withPassword(), clock, soon, {}));
}

} // namespace ykt::test
