// What comes on the receipts' topic and is no receipt, or not for what was sent.
#include "tests/mqtt/fixture.h"

using namespace ykt;
using namespace ykt::firmware::courier;

TEST_CASE_METHOD(MqttFixture, "receipts that are malformed, foreign or of another epoch settle nothing") {
    using nlohmann::json;
    Office office(broker.port(), pki, clock);
    auto made = settings();
    made.requestTimeout = Milliseconds{400};
    const auto mqtt = upstream(std::move(made));
    append(2);
    const auto batch = leaseAll();

    const std::vector<std::function<std::string(json)>> lies{
        [](const json&) { return std::string(); },
        [](const json&) { return std::string("garbage"); },
        [](const json&) { return std::string(2'000'000, ' '); },
        [](const json&) { return std::string(500'000, '['); },
        [](const json& answer) { return answer.dump() + "x"; },
        [](const json& answer) { return json::array({answer}).dump(); },
        [](json answer) { return answer.erase("epoch"), answer.dump(); },
        [](json answer) { return answer["epoch"] = 2, answer.dump(); },
        [](json answer) { return answer["epoch"] = 1ULL << 40, answer.dump(); },
        [](json answer) { return answer["terminal"] = "NX-BUS-0002", answer.dump(); },
        [](json answer) { return answer["request"] = 7, answer.dump(); },
        [](json answer) { return answer["server_ms"] = -1, answer.dump(); },
        [](json answer) { return answer["receipts"][1]["verdict"] = "paid", answer.dump(); },
        [](json answer) { return answer["receipts"][1].erase("note"), answer.dump(); },
        [](json answer) {
            answer["receipts"][0]["sequence"] = 98;
            answer["receipts"][1]["sequence"] = 99;
            return answer.dump();
        },
    };
    for (std::size_t i = 0; i < lies.size(); ++i) {
        office.lieWith([&](const json&, const std::string& answer) {
            return std::vector{lies[i](json::parse(answer))};
        });
        CAPTURE(i);
        const auto outcome = mqtt->deliver(batch, {});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().error == Reason::upstream_timeout);
        CHECK(outcome.error().sent);
        CHECK_FALSE(mqtt->serverTime());
    }
    office.lieWith({});
    const auto outcome = upstream()->deliver(batch, {}); // with the time that a busy machine takes
    REQUIRE(outcome);
    CHECK(outcome->size() == 2);
}

TEST_CASE_METHOD(
    MqttFixture,
    "of receipts that come twice, in parts, out of order and with foreign ones each counts once") {
    using nlohmann::json;
    Office office(broker.port(), pki, clock);
    office.lieWith([](const json&, const std::string& text) {
        const auto answer = json::parse(text);
        auto last = answer;
        last["receipts"] = json::array({answer["receipts"][2]});
        auto others = answer;
        others["receipts"].erase(2);
        others["receipts"].push_back({{"sequence", 77}, {"verdict", "settled"}, {"note", "R-77"}});
        auto changed = last; // the first verdict stands
        changed["receipts"][0]["verdict"] = "rejected";
        return std::vector{last.dump(), last.dump(), changed.dump(), others.dump(), answer.dump()};
    });
    const auto mqtt = upstream();
    append(3);
    const auto outcome = mqtt->deliver(leaseAll(), {});
    REQUIRE(outcome);
    std::set<std::uint64_t> settled;
    for (const auto& receipt : *outcome) {
        CHECK(receipt.verdict == DeliveryReceipt::Verdict::settled);
        CHECK(settled.insert(receipt.sequence).second);
    }
    CHECK(settled == std::set<std::uint64_t>{1, 2, 3});
    // What was late for that batch is early for the next, which it is not about.
    append(1);
    office.lieWith({});
    const auto next = mqtt->deliver(leaseAll(), {});
    REQUIRE(next);
    CHECK(next->size() == 1);
    CHECK(next->front().sequence == 4);
}

TEST_CASE_METHOD(MqttFixture, "a batch with verdicts on some records gives those") {
    Office office(broker.port(), pki, clock);
    office.lieWith([](const nlohmann::json&, const std::string& text) {
        auto answer = nlohmann::json::parse(text);
        answer["receipts"].erase(1);
        return std::vector{answer.dump()};
    });
    auto made = settings();
    made.requestTimeout = Milliseconds{500};
    const auto mqtt = upstream(std::move(made));
    append(3);
    const auto outcome = mqtt->deliver(leaseAll(), {});
    REQUIRE(outcome);
    CHECK(outcome->size() == 2);
}

TEST_CASE_METHOD(MqttFixture, "a message that QoS 1 delivers twice is settled once") {
    Office office(broker.port(), pki, clock);
    std::atomic<int> answers{0};
    office.lieWith([&](const nlohmann::json&, const std::string& answer) {
        return ++answers == 1 ? std::vector<std::string>{} : std::vector{answer, answer};
    });
    auto made = settings();
    made.requestTimeout = Milliseconds{300};
    const auto mqtt = upstream(std::move(made));
    append(5);
    RunningCourier running(*this, *mqtt);
    REQUIRE(eventually([&] { return allAcknowledged(5); }));
    CHECK(answers >= 2);
    CHECK(office.receipts().size() == 5);
    CHECK(store->list(1, 1)->front().attempts >= 2);
}

TEST_CASE_METHOD(MqttFixture, "where receipts are signed, only the collector's settle anything") {
    Office office(broker.port(), pki, clock);
    auto made = settings();
    made.requestTimeout = Milliseconds{400};
    made.receiptSigner = "collector";
    const auto mqtt = upstream(std::move(made));
    append(1);
    const auto batch = leaseAll();
    const auto stranger = *sim::Pki::create(clock.now().wall, "Another CA");
    const auto signedBy = [&](const crypto::TlsIdentity& identity, const std::string& answer,
                              std::string_view type = "ykt-receipts") {
        return *crypto::signJws(type, asBytes(answer), identity.certificatePem,
                                *crypto::P256PrivateKey::fromPem(identity.privateKeyPem));
    };
    const auto collector = *pki.terminalIdentity("collector");
    const std::vector<std::function<std::string(const std::string&)>> lies{
        [](const std::string& answer) { return answer; },
        [&](const std::string& answer) {
            return signedBy(*pki.serverIdentity(), answer);
        }, // the broker itself
        [&](const std::string& answer) { return signedBy(*pki.terminalIdentity("NX-BUS-0002"), answer); },
        [&](const std::string& answer) { return signedBy(*stranger.terminalIdentity("collector"), answer); },
        [&](const std::string& answer) { return signedBy(collector, answer, "ykt-transactions"); },
        [&](const std::string& answer) {
            auto changed = signedBy(collector, answer);
            auto& letter = changed.at(changed.find('.') + 10);
            letter = letter == 'A' ? 'B' : 'A';
            return changed;
        },
        [&](const std::string&) { return signedBy(collector, "no receipts"); },
    };
    for (std::size_t i = 0; i < lies.size(); ++i) {
        CAPTURE(i);
        office.lieWith([&](const auto&, const std::string& answer) { return std::vector{lies[i](answer)}; });
        const auto outcome = mqtt->deliver(batch, {});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().error == Reason::upstream_timeout);
    }
    office.lieWith(
        [&](const auto&, const std::string& answer) { return std::vector{signedBy(collector, answer)}; });
    auto patient = settings();
    patient.receiptSigner = "collector";
    const auto believing = upstream(std::move(patient));
    const auto outcome = believing->deliver(batch, {});
    REQUIRE(outcome);
    CHECK(outcome->front().note == "R-1");
    CHECK(believing->serverTime());
}
