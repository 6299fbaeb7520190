// 200 terminals, each with its store and courier, on a real cluster whose nodes die and hang, with the
// collector behind it.
#include "collector/jetstream_consumer.h"
#include "collector/sqlite_ledger.h"
#include "crypto/jws.h"
#include "firmware/courier/renewal.h"
#include "sim/bulletins.h"
#include "tests/eventually.h"
#include "tests/fleet/terminals.h"
#include "tests/mqtt/client.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

using namespace ykt;
using namespace ykt::test;

namespace {

constexpr auto mqttMessages = "$MQTT_msgs";

template <typename Condition>
bool withinAMinute(Condition&& condition) {
    return eventually(condition, std::chrono::minutes{1});
}

class Fleet {
  public:
    // `stream`: what the collector takes from.
    Fleet(std::size_t count, FleetTerminal::SettleOn settleOn, const std::string& stream,
          Cluster::Routes routes = Cluster::Routes::direct)
        : stream_(stream), cluster(pki, terminalNames(count), routes),
          consumer_(*ledger, clock, consumerSettings(), [](const std::string&) {}),
          collecting_([this](const std::stop_token& stop) { consumer_.run(stop); }) {
        REQUIRE(mqttIsOpen_);
        leader(); // there is a stream
        for (const auto& name : terminalNames(count))
            terminals.emplace_back(name, cluster, pki, publisher.publicKey(), folder.path(), settleOn);
    }

    void appendToAll(std::uint64_t records) {
        for (std::uint64_t i = 0; i < records; ++i)
            for (auto& terminal : terminals) {
                REQUIRE(terminal.append());
                ++appended;
            }
    }
    [[nodiscard]] std::uint64_t acknowledged() const {
        std::uint64_t sum = 0;
        for (const auto& terminal : terminals)
            sum += terminal.acknowledged();
        return sum;
    }
    [[nodiscard]] std::uint64_t collected() {
        std::uint64_t sum = 0;
        const auto chains = *ledger->chains();
        for (const auto& chain : chains)
            sum += chain.records;
        return sum;
    }

    // What a node that answers says. nullopt: none does, or it has no leader now.
    template <typename Ask>
    auto ask(Ask&& question) -> decltype(question(std::declval<collector::JetStream&>())) {
        for (std::size_t node = 0; node < Cluster::size; ++node) {
            const auto client = collector::NatsClient::connect(
                {"127.0.0.1", cluster.clientPort(node)}, natsSettings(), clock, Milliseconds{2'000}, {});
            if (!client)
                continue;
            collector::JetStream stream(**client, Milliseconds{2'000});
            if (auto answer = question(stream))
                return answer;
        }
        return std::nullopt;
    }
    std::optional<collector::StreamInfo> info() {
        return ask([&](collector::JetStream& stream) -> std::optional<collector::StreamInfo> {
            const auto info = stream.streamInfo(stream_, {});
            return info ? *info : std::nullopt;
        });
    }
    // The node that leads the stream, when the nodes have agreed on one.
    std::size_t leader() {
        std::optional<std::size_t> found;
        REQUIRE(withinAMinute([&] { return (found = leaderNow()).has_value(); }));
        return *found;
    }

  private:
    std::optional<std::size_t> leaderNow() {
        const auto found = info();
        for (std::size_t node = 0; found && node < Cluster::size; ++node)
            if (found->leader == Cluster::nameOf(node))
                return node;
        return std::nullopt;
    }

  public:
    drivers::SystemClock clock;
    sim::Pki pki = *sim::Pki::create(clock.now().wall);
    sim::BulletinPublisher publisher = *sim::BulletinPublisher::create();
    TemporaryFolder folder;

  private:
    [[nodiscard]] collector::NatsSettings natsSettings() const {
        collector::NatsSettings settings;
        settings.caPem = pki.caPem();
        settings.identity = *pki.terminalIdentity("collector");
        return settings;
    }
    [[nodiscard]] collector::JetstreamConsumerSettings consumerSettings() const {
        collector::JetstreamConsumerSettings settings;
        for (std::size_t node = 0; node < Cluster::size; ++node)
            settings.servers.push_back({"127.0.0.1", cluster.clientPort(node)});
        settings.client = natsSettings();
        settings.terminalsCaPem = pki.caPem();
        settings.sign = [this](const crypto::SigningRequest& request) { return pki.sign(request); };
        settings.stream.name = stream_;
        settings.keepsUnsettled = stream_ == mqttMessages;
        if (stream_ == mqttMessages)
            settings.stream.subjects = {"$MQTT.msgs.ykt.v1.*.transactions"};
        settings.stream.replicas = 3;
        settings.timeout = Milliseconds{3'000};
        settings.longestBackoff = Milliseconds{500};
        return settings;
    }
    // nats-server makes the streams of MQTT when the first client connects. A collector before that would
    // make another of the name.
    bool openMqtt() {
        firmware::courier::MqttUpstreamSettings settings;
        settings.terminal = terminalName(0);
        settings.brokers = {{"127.0.0.1", cluster.mqttPort(0)}};
        settings.caPem = pki.caPem();
        settings.identity = *pki.terminalIdentity(terminalName(0));
        const auto first = std::move(*firmware::courier::MqttUpstream::create(std::move(settings), clock));
        return withinAMinute([&] { return first->reportStatus("{}", {}).has_value(); });
    }
    std::string stream_;

  public:
    Cluster cluster;
    std::unique_ptr<collector::SqliteLedger> ledger =
        std::move(*collector::SqliteLedger::open(folder.path() / "ledger.db", clock));
    std::uint64_t appended = 0;

  private:
    bool mqttIsOpen_ = openMqtt();
    collector::JetstreamConsumer consumer_;
    std::jthread collecting_;

  public:
    std::list<FleetTerminal> terminals;
};

// A terminal that knows a single node, and delivers when it is told to.
class PinnedTerminal {
  public:
    static constexpr std::size_t records = 2;

    PinnedTerminal(const Fleet& fleet, const std::string& name, std::size_t node)
        : store_(std::move(*offline_store::Store::open({fleet.folder.path() / "pinned.db", name, {}},
                                                       *crypto::randomSecret(32), fleet.clock))) {
        firmware::courier::MqttUpstreamSettings settings;
        settings.terminal = name;
        settings.brokers = {{"127.0.0.1", fleet.cluster.mqttPort(node)}};
        settings.caPem = fleet.pki.caPem();
        settings.identity = *fleet.pki.terminalIdentity(name);
        settings.settleOn = FleetTerminal::SettleOn::puback;
        settings.requestTimeout = Milliseconds{5'000};
        upstream_ = std::move(*firmware::courier::MqttUpstream::create(std::move(settings), fleet.clock));
        for (std::size_t i = 0; i < records; ++i)
            REQUIRE(
                store_->append({offline_store::RecordClass::money, "ride", toBytes(R"({"fare":100})"), {}}));
        leased_ = std::move(*store_->lease(records, 1'000'000, Milliseconds{3'600'000}));
        REQUIRE(leased_.size() == records);
    }

    // Whether the node has acknowledged it.
    bool delivers(std::size_t record) { return upstream_->deliver({leased_.at(record)}, {}).has_value(); }

  private:
    std::unique_ptr<offline_store::Store> store_;
    std::unique_ptr<firmware::courier::MqttUpstream> upstream_;
    std::vector<offline_store::Record> leased_;
};

// Ids of all records that are in the stream's messages.
std::set<std::string> idsIn(Fleet& fleet, const collector::StreamInfo& info) {
    std::set<std::string> ids;
    auto at = info.firstSequence; // where it goes on when a node was slow
    const auto rest = [&](collector::JetStream& stream) -> std::optional<bool> {
        for (; at <= info.lastSequence; ++at) {
            const auto message = stream.messageAt("ykt-transactions", at, {});
            if (!message)
                return std::nullopt;
            const auto opened = crypto::verifyJws("ykt-transactions", message->payload, fleet.pki.caPem(),
                                                  fleet.clock.now().wall);
            if (!opened)
                continue;
            const auto batch = nlohmann::json::parse(opened->payload);
            for (const auto& record : batch["records"])
                ids.insert(batch["terminal"].get<std::string>() + "-" + batch["epoch"].dump() + "-" +
                           record["sequence"].dump());
        }
        return true;
    };
    REQUIRE(withinAMinute([&] { return fleet.ask(rest).has_value(); }));
    return ids;
}

// Each record once in the ledger, with the receipt that the terminal holds; no gaps; nothing refused.
void compare(Fleet& fleet, bool receiptsAreKept) {
    std::map<std::string, std::string> settled;
    std::uint64_t rows = 0;
    REQUIRE(fleet.ledger->read({}, [&](const collector::SettledRecord& row) {
        ++rows;
        settled.emplace(row.terminal + "-" + std::to_string(row.epoch) + "-" +
                            std::to_string(row.record.sequence),
                        row.receipt);
    }));
    CHECK(rows == fleet.appended);
    CHECK(settled.size() == fleet.appended);
    const auto chains = *fleet.ledger->chains();
    for (const auto& chain : chains) {
        CHECK(chain.missing.empty());
        CHECK(chain.refused.empty());
    }
    for (auto& terminal : fleet.terminals)
        for (const auto& record : terminal.records()) {
            REQUIRE(record.state == offline_store::DeliveryState::acknowledged);
            REQUIRE(settled.contains(record.id.text()));
            if (receiptsAreKept)
                REQUIRE(record.note == settled.at(record.id.text()));
        }
}

} // namespace

TEST_CASE(
    "of 200 terminals every record is in the stream and once in the ledger, whatever nodes die or hang") {
    Fleet fleet(200, FleetTerminal::SettleOn::receipt, "ykt-transactions");
    fleet.appendToAll(2);
    REQUIRE(withinAMinute([&] { return fleet.acknowledged() > 100; }));

    for (int kills = 0; kills < 2; ++kills) { // the leader, in the midst of it
        const auto leader = fleet.leader();
        fleet.cluster.kill(leader);
        const auto before = fleet.acknowledged();
        fleet.appendToAll(1);
        REQUIRE(withinAMinute([&] { return fleet.acknowledged() > before + 100; })); // two nodes go on
        fleet.cluster.start(leader);
    }
    const auto hanging = (fleet.leader() + 1) % Cluster::size;
    fleet.cluster.hang(hanging);
    const auto before = fleet.acknowledged();
    fleet.appendToAll(1);
    CHECK(withinAMinute([&] { return fleet.acknowledged() > before + 100; }));
    fleet.cluster.wake(hanging);

    CHECK(withinAMinute([&] { return fleet.acknowledged() == fleet.appended; }));
    compare(fleet, true);
    const auto info = fleet.info();
    REQUIRE(info);
    CHECK(info->replicas == 3);
    const auto ids = idsIn(fleet, *info);
    for (auto& terminal : fleet.terminals)
        for (const auto& record : terminal.records())
            REQUIRE(ids.contains(record.id.text()));
}

TEST_CASE("where PUBACK settles, the server's own stream keeps each record until the collector has it") {
    Fleet fleet(20, FleetTerminal::SettleOn::puback, mqttMessages);
    fleet.appendToAll(5);
    REQUIRE(withinAMinute([&] { return fleet.acknowledged() > 20; }));
    const auto leader = fleet.leader();
    fleet.cluster.kill(leader);
    fleet.appendToAll(5);
    REQUIRE(withinAMinute([&] { return fleet.acknowledged() == fleet.appended; }));
    fleet.cluster.start(leader);
    CHECK(withinAMinute([&] { return fleet.collected() == fleet.appended; }));
    compare(fleet, false);
}

TEST_CASE(
    "a node that lives and reaches no other acknowledges nothing, and what was acknowledged is collected") {
    Fleet fleet(20, FleetTerminal::SettleOn::puback, mqttMessages, Cluster::Routes::over_links);
    fleet.terminals.pop_back(); // its name is taken by the one below
    const auto isolated = fleet.leader();
    PinnedTerminal pinned(fleet, terminalName(19), isolated);
    fleet.appendToAll(2);
    REQUIRE(withinAMinute([&] { return pinned.delivers(0); }));
    REQUIRE(withinAMinute([&] { return fleet.acknowledged() == fleet.appended; }));

    fleet.cluster.isolate(isolated);
    CHECK_FALSE(pinned.delivers(1)); // over the session that it has
    fleet.appendToAll(3);
    REQUIRE(withinAMinute([&] { return fleet.acknowledged() == fleet.appended; })); // two nodes go on
    CHECK_FALSE(pinned.delivers(1));
    fleet.cluster.rejoin(isolated);
    CHECK(withinAMinute([&] { return pinned.delivers(1); }));
    fleet.appended += pinned.records;
    CHECK(withinAMinute([&] { return fleet.collected() == fleet.appended; }));
    compare(fleet, false);
}

TEST_CASE("the newest bulletin of a kind and a file come from any node, as large as they may be") {
    using namespace firmware::courier;
    Fleet fleet(1, FleetTerminal::SettleOn::receipt, "ykt-transactions");
    fleet.terminals.clear(); // its name is taken by the one below
    const auto now = fleet.clock.now().wall;
    const auto bulletin = [&](std::uint64_t version, std::size_t size) {
        const auto body = R"({"cards":")" + std::string(size, 'x') + R"("})";
        return *fleet.publisher.publish("legacy_map", version, now - std::chrono::hours{1},
                                        now + std::chrono::hours{1}, body);
    };
    const auto largest = MqttUpstreamSettings{}.mostBulletinBytes;
    const auto newest = bulletin(7, largest / 4 * 3 - 1'000); // it is written in Base64
    REQUIRE(newest.size() <= largest);
    REQUIRE(newest.size() > largest - 2'000);
    const Bytes file(attachmentPartBytes, 0x5A);
    const auto digest = crypto::sha256(file);
    MqttClient publisher(fleet.cluster.mqttPort(0), "publisher", fleet.pki);
    publisher.retain(topics::bulletin("legacy_map"), toText(bulletin(6, 10)));
    publisher.retain(topics::bulletin("legacy_map"), toText(newest));
    publisher.retain(topics::attachmentPart(digest, 0), toText(file));
    for (std::size_t node = 0; node < Cluster::size; ++node) {
        MqttUpstreamSettings settings;
        settings.terminal = terminalName(0);
        settings.brokers = {{"127.0.0.1", fleet.cluster.mqttPort(node)}};
        settings.caPem = fleet.pki.caPem();
        settings.identity = *fleet.pki.terminalIdentity(terminalName(0));
        const auto mqtt = std::move(*MqttUpstream::create(std::move(settings), fleet.clock));
        CAPTURE(node);
        CHECK(withinAMinute([&] {
            const auto fetched = mqtt->fetchBulletin("legacy_map", 6, {});
            return fetched && *fetched && **fetched == newest;
        }));
        CHECK(withinAMinute([&] {
            const auto part = mqtt->fetchAttachment(digest, 0, attachmentPartBytes, {});
            return part && *part == file;
        }));
    }
}

TEST_CASE("a terminal's certificate is renewed through the cluster, by the collector behind it") {
    using namespace firmware;
    Fleet fleet(1, FleetTerminal::SettleOn::receipt, "ykt-transactions");
    fleet.terminals.clear(); // its name is taken by the one below
    const auto now = fleet.clock.now().wall;
    const auto name = terminalName(0);
    std::vector<crypto::TlsIdentity> first;
    first.push_back(
        fleet.pki.issue({name, {}, now - std::chrono::hours{3}, now + std::chrono::hours{1}, false}).value());
    const auto keys = keys::KeyStore::make(fleet.folder.path() / "terminal.keys",
                                           keys::KekFile{*crypto::randomSecret(32)}, now)
                          .value();
    REQUIRE(keys->setIdentities(first));
    courier::MqttUpstreamSettings settings;
    settings.terminal = name;
    settings.brokers = {{"127.0.0.1", fleet.cluster.mqttPort(0)}, {"127.0.0.1", fleet.cluster.mqttPort(1)}};
    settings.caPem = fleet.pki.caPem();
    settings.identity = {first.front().certificatePem, first.front().privateKeyPem.clone()};
    const auto mqtt = courier::MqttUpstream::create(std::move(settings), fleet.clock).value();
    courier::RenewalSettings renewal{name, fleet.pki.caPem(), Milliseconds{0}};
    renewal.tryInterval = Milliseconds{0};
    courier::RenewingUpstream upstream(*mqtt, *keys, fleet.clock, renewal,
                                       [&](const auto& identity) { return mqtt->reconnect(identity); });
    // An answer may be lost while the collector joins; it is asked for again.
    REQUIRE(withinAMinute([&] {
        const auto reported = upstream.reportStatus("{}", {});
        const auto identities = keys->identities();
        return reported && identities->size() == 1 &&
               identities->front().certificatePem != first.front().certificatePem;
    }));
    const auto renewed = crypto::readCertificate(keys->identities()->front().certificatePem);
    CHECK(renewed->commonName == name);
    CHECK(renewed->notAfter > now + std::chrono::hours{24});
    CHECK(withinAMinute([&] { return fleet.ledger->statuses()->size() == 1; }));
}
