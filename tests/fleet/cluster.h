// A real cluster of three nats-servers on this machine's loopback, set up by deploy/fleet/nats.
#pragma once

#include "sim/pki.h"
#include "tests/child_process.h"
#include "tests/fill_in.h"
#include "tests/fleet/link.h"
#include "tests/free_port.h"
#include "tests/source_dir.h"
#include "tests/temporary_folder.h"

#include <array>
#include <map>
#include <optional>
#include <sys/wait.h>

namespace ykt::test {

class Cluster {
  public:
    static constexpr std::size_t size = 3;

    // over_links: a node can be isolated, at the price of a relay between each two.
    enum class Routes { direct, over_links };

    Cluster(const sim::Pki& pki, const std::vector<std::string>& terminals, Routes routes = Routes::direct) {
        for (auto& node : nodes_) {
            node.client = freePort();
            node.mqtt = freePort();
            node.route = freePort();
        }
        for (std::size_t from = 0; from < size; ++from)
            for (std::size_t to = 0; to < size; ++to)
                if (from != to && routes == Routes::over_links)
                    links_.try_emplace({from, to}, nodes_.at(to).route);
        std::ofstream ids(folder_.path() / "ids");
        for (const auto& terminal : terminals)
            ids << terminal << '\n';
        ids.close();
        const auto command = (deploy() / "make-users").string() + " < " + (folder_.path() / "ids").string() +
                             " > " + (folder_.path() / "users.conf").string();
        must(std::system(command.c_str()) == 0, "make-users");
        for (std::size_t i = 0; i < size; ++i)
            setUp(i, pki);
        for (std::size_t i = 0; i < size; ++i)
            start(i);
        for (const auto& node : nodes_)
            must(listens(node.mqtt), "a node does not listen");
    }

    void start(std::size_t node) {
        std::vector<std::string> command{daemonNamed("nats-server"), "-c", folderOf(node) / "nats.conf"};
        if (!links_.empty()) // else the others hear of a way past the links
            command.insert(command.end(), {"--cluster_advertise", "127.0.0.1:1"});
        nodes_.at(node).process.emplace(std::move(command), folderOf(node) / "log");
    }
    void kill(std::size_t node) { nodes_.at(node).process->kill(); }
    // It neither answers nor ends a connection.
    void hang(std::size_t node) { nodes_.at(node).process->signal(SIGSTOP); }
    void wake(std::size_t node) { nodes_.at(node).process->signal(SIGCONT); }
    // The other two do not reach it, nor it them; whoever is connected to it finds it alive.
    void isolate(std::size_t node) { linksOf(node, &Link::cut); }
    void rejoin(std::size_t node) { linksOf(node, &Link::mend); }

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

    void linksOf(std::size_t node, void (Link::*act)()) {
        for (auto& [ends, link] : links_)
            if (ends.first == node || ends.second == node)
                (link.*act)();
    }
    [[nodiscard]] std::string routesOf(std::size_t node) const {
        std::string routes;
        for (std::size_t to = 0; to < size; ++to) {
            if (to == node)
                continue;
            const auto link = links_.find({node, to});
            const auto port = link == links_.end() ? nodes_.at(to).route : link->second.port();
            routes += "\"tls://127.0.0.1:" + std::to_string(port) + "\", ";
        }
        return routes;
    }
    static std::filesystem::path deploy() { return test::sourceDir() / "deploy/fleet/nats"; }
    void setUp(std::size_t node, const sim::Pki& pki) {
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
                {"ROUTES", routesOf(node)},
                {"KEYS", folder},
                {"DATA", folder / "store"},
                {"FILE_STORE", "1GB"}});
    }

    TemporaryFolder folder_;
    std::map<std::pair<std::size_t, std::size_t>, Link> links_; // by who calls whom
    std::array<Node, size> nodes_;
};

} // namespace ykt::test
