// A real cluster of three nats-servers on this machine's loopback, set up by deploy/fleet/nats.
#pragma once

#include "sim/pki.h"
#include "tests/child_process.h"
#include "tests/fill_in.h"
#include "tests/free_port.h"
#include "tests/source_dir.h"
#include "tests/temporary_folder.h"

#include <array>
#include <list>
#include <optional>
#include <sys/wait.h>

namespace ykt::test {

class Cluster {
  public:
    static constexpr std::size_t size = 3;

    Cluster(const sim::Pki& pki, const std::vector<std::string>& terminals) {
        std::string routes;
        for (auto& node : nodes_) {
            node.client = freePort();
            node.mqtt = freePort();
            node.route = freePort();
            routes += "\"tls://127.0.0.1:" + std::to_string(node.route) + "\", ";
        }
        std::ofstream ids(folder_.path() / "ids");
        for (const auto& terminal : terminals)
            ids << terminal << '\n';
        ids.close();
        const auto command = (deploy() / "make-users").string() + " < " + (folder_.path() / "ids").string() +
                             " > " + (folder_.path() / "users.conf").string();
        must(std::system(command.c_str()) == 0, "make-users");
        for (std::size_t i = 0; i < size; ++i)
            setUp(i, pki, routes);
        for (std::size_t i = 0; i < size; ++i)
            start(i);
        for (const auto& node : nodes_)
            must(listens(node.mqtt), "a node does not listen");
    }

    void start(std::size_t node) {
        auto& it = nodes_.at(node);
        it.process.emplace(
            std::vector<std::string>{daemonNamed("nats-server"), "-c", folderOf(node) / "nats.conf"},
            folderOf(node) / "log");
    }
    void kill(std::size_t node) { nodes_.at(node).process->kill(); }
    // It neither answers nor ends a connection: what a cut cable looks like from outside.
    void cutOff(std::size_t node) { nodes_.at(node).process->signal(SIGSTOP); }
    void reconnect(std::size_t node) { nodes_.at(node).process->signal(SIGCONT); }

    [[nodiscard]] std::uint16_t clientPort(std::size_t node) const { return nodes_.at(node).client; }
    [[nodiscard]] std::uint16_t mqttPort(std::size_t node) const { return nodes_.at(node).mqtt; }
    [[nodiscard]] static std::string nameOf(std::size_t node) { return "node-" + std::to_string(node + 1); }
    [[nodiscard]] std::filesystem::path folderOf(std::size_t node) const {
        return folder_.path() / nameOf(node);
    }

  private:
    struct Node {
        std::uint16_t client = 0;
        std::uint16_t mqtt = 0;
        std::uint16_t route = 0;
        std::optional<ChildProcess> process{};
    };
    static std::filesystem::path deploy() { return test::sourceDir() / "deploy/fleet/nats"; }
    void setUp(std::size_t node, const sim::Pki& pki, const std::string& routes) {
        const auto folder = folderOf(node);
        std::filesystem::create_directory(folder);
        must(sim::writeIdentity(folder, "node", *pki.serverIdentity()).has_value(), "keys");
        must(sim::writePrivateFile(folder / "ca.crt", asBytes(pki.caPem())).has_value(), "keys");
        std::filesystem::copy(folder_.path() / "users.conf", folder / "users.conf");
        fillIn(deploy() / "nats.conf", folder / "nats.conf",
               {{"NAME", nameOf(node)},
                {"ADDRESS", "127.0.0.1"},
                {"CLIENT_PORT", std::to_string(nodes_.at(node).client)},
                {"MQTT_PORT", std::to_string(nodes_.at(node).mqtt)},
                {"CLUSTER_PORT", std::to_string(nodes_.at(node).route)},
                {"MONITOR_PORT", std::to_string(freePort())},
                {"ROUTES", routes},
                {"KEYS", folder},
                {"DATA", folder / "store"},
                {"FILE_STORE", "1GB"}});
    }

    TemporaryFolder folder_;
    std::array<Node, size> nodes_;
};

} // namespace ykt::test
