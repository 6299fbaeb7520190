// What the panel tells and does, asked over its socket.
#include "firmware/panel/http_client.h"
#include "firmware/panel/panel.h"
#include "tests/eventually.h"
#include "tests/firmware/terminal_fixture.h"

using namespace ykt;
using namespace ykt::firmware;
using namespace std::chrono_literals;
using nlohmann::json;
using offline_store::RecordClass;
using test::eventually;

namespace {

// For a courier that never runs.
struct Nowhere : courier::Upstream {
    template <typename T>
    static tl::expected<T, courier::UpstreamError> nobody() {
        return tl::unexpected(courier::UpstreamError{{Reason::unreachable, {}}});
    }
    tl::expected<std::vector<courier::DeliveryReceipt>, courier::UpstreamError>
    deliver(const std::vector<offline_store::Record>&, std::stop_token) override {
        return nobody<std::vector<courier::DeliveryReceipt>>();
    }
    tl::expected<std::optional<Bytes>, courier::UpstreamError> fetchBulletin(std::string_view, std::uint64_t,
                                                                             std::stop_token) override {
        return nobody<std::optional<Bytes>>();
    }
    tl::expected<Bytes, courier::UpstreamError> fetchAttachment(const crypto::Digest&, std::uint64_t,
                                                                std::size_t, std::stop_token) override {
        return nobody<Bytes>();
    }
    tl::expected<void, courier::UpstreamError> reportStatus(const std::string&, std::stop_token) override {
        return nobody<void>();
    }
    [[nodiscard]] std::optional<courier::ServerTime> serverTime() const override { return {}; }
};

// Takes what comes.
struct Taking : Nowhere {
    tl::expected<std::vector<courier::DeliveryReceipt>, courier::UpstreamError>
    deliver(const std::vector<offline_store::Record>& records, std::stop_token) override {
        std::vector<courier::DeliveryReceipt> receipts;
        for (const auto& record : records)
            receipts.push_back({record.id.sequence, courier::DeliveryReceipt::Verdict::settled, "R"});
        return receipts;
    }
    tl::expected<std::optional<Bytes>, courier::UpstreamError> fetchBulletin(std::string_view, std::uint64_t,
                                                                             std::stop_token) override {
        return std::nullopt;
    }
    tl::expected<void, courier::UpstreamError> reportStatus(const std::string&, std::stop_token) override {
        return {};
    }
};

struct PanelFixture : test::TerminalFixture {
    PanelFixture() {
        auto started =
            panel::Panel::start(socket, {*terminal, courier, *store, "NX-TEST-0001", "here", *keyStore});
        REQUIRE(started);
        panel = std::move(*started);
    }

    void order(const json& directives) {
        install("directives", json{{"directives", directives}}.dump());
        REQUIRE(terminal->reloadBulletins());
    }
    void append(int count, RecordClass recordClass = RecordClass::access) {
        for (int i = 0; i < count; ++i)
            REQUIRE(store->append({recordClass, "passage", toBytes("{}"), {}}));
    }
    void bury(std::uint64_t sequence) {
        const auto leased = store->lease(100, 1'000'000, 1min);
        REQUIRE(leased);
        REQUIRE(store->bury(sequence, "amount unknown"));
        std::vector<std::uint64_t> others;
        for (const auto& record : *leased)
            if (record.id.sequence != sequence)
                others.push_back(record.id.sequence);
        REQUIRE(store->release(others, false));
    }
    [[nodiscard]] panel::HttpAnswer ask(std::string_view method, const std::string& target) const {
        const auto answer = panel::ask(socket, method, target, {}, 10s);
        REQUIRE(answer);
        return *answer;
    }
    [[nodiscard]] json get(const std::string& target) const {
        const auto answer = ask("GET", target);
        REQUIRE(answer.status == 200);
        return json::parse(answer.body);
    }
    [[nodiscard]] std::vector<int> sequences(const std::string& query) const {
        std::vector<int> all;
        const auto list = get("/v1/journal" + query);
        for (const auto& record : list.at("records"))
            all.push_back(record.at("sequence").get<int>());
        return all;
    }

    std::filesystem::path socket = folder.path() / "panel.sock";
    std::unique_ptr<keys::KeyStore> keyStore = std::move(*keys::KeyStore::make(
        folder.path() / "terminal.keys", keys::KekFile{*crypto::randomSecret(32)}, clock.now().wall));
    Nowhere upstream;
    courier::Courier courier{*store, upstream, clock, publisher.publicKey()};
    std::unique_ptr<panel::Panel> panel;
};

using Sequences = std::vector<int>;

} // namespace

TEST_CASE_METHOD(PanelFixture, "the journal is told newest first, page by page") {
    CHECK(sequences("").empty());
    append(5);
    CHECK(sequences("") == Sequences{5, 4, 3, 2, 1});
    CHECK(sequences("?most=2") == Sequences{5, 4});
    CHECK(sequences("?most=2&from=3") == Sequences{3, 2});
    CHECK(sequences("?most=9&from=1") == Sequences{1});
    CHECK(sequences("?from=0").empty());
    CHECK(sequences("?most=0").empty());
    CHECK(sequences("?from=18446744073709551615") == Sequences{5, 4, 3, 2, 1});
    bury(2);
    bury(4);
    CHECK(sequences("?dead") == Sequences{4, 2});
    CHECK(sequences("?dead&from=3") == Sequences{2});
    CHECK(sequences("?dead&from=18446744073709551615&most=1") == Sequences{4});
}

TEST_CASE_METHOD(PanelFixture,
                 "a dead letter that is wanted waits to be delivered again, and no other record") {
    append(3);
    bury(2);
    const auto stateOf = [&](std::uint64_t sequence) {
        return get("/v1/journal?most=1&from=" + std::to_string(sequence)).at("records")[0].at("state");
    };
    REQUIRE(stateOf(2) == "dead");
    CHECK(get("/v1/journal?dead").at("records")[0].at("note") == "amount unknown");
    const auto done = ask("POST", "/v1/journal/2/requeue");
    CHECK(done.status == 200);
    CHECK(done.body == "{}");
    CHECK(stateOf(2) == "pending");
    CHECK(get("/v1/status").at("journal").at("dead") == 0);
    CHECK(store->lease(9, 1'000'000, 1min)->size() == 3);
    for (const auto* target : {"/v1/journal/2/requeue", "/v1/journal/1/requeue", "/v1/journal/9/requeue",
                               "/v1/journal/2/requeue?epoch=9"}) {
        const auto refused = ask("POST", target);
        CHECK(refused.status == 404);
        CHECK(json::parse(refused.body).at("error") == "record_not_found");
    }
    for (const auto* target :
         {"/v1/journal/requeue", "/v1/journal//requeue", "/v1/journal/x/requeue", "/v1/journal/-1/requeue",
          "/v1/journal/2/requeue/", "/v1/journal/2/requeue?epoch=1x", "/v1/journal/2/requeue?epoch=-1"})
        CHECK(ask("POST", target).status == 404);
    CHECK(ask("GET", "/v1/journal/2/requeue").status == 404);
}

TEST_CASE_METHOD(PanelFixture, "a dead letter that is wanted again goes at once") {
    append(2, RecordClass::money); // which waits for no others
    bury(1);
    Taking taking;
    courier::Courier running(*store, taking, clock, publisher.publicKey());
    panel.reset();
    panel = std::move(
        *panel::Panel::start(socket, {*terminal, running, *store, "NX-TEST-0001", "here", *keyStore}));
    const std::jthread thread([&](const std::stop_token& stop) { running.run(stop, [](auto) {}); });
    const auto acknowledged = [&] { return store->counts()->acknowledged; };
    REQUIRE(eventually([&] { return acknowledged() == 1; })); // then it rests for half a minute
    CHECK(ask("POST", "/v1/journal/1/requeue").status == 200);
    CHECK(eventually([&] { return acknowledged() == 2; }));
}

TEST_CASE_METHOD(PanelFixture, "the operator's message is told with status and outcomes, until its end") {
    const auto end = clock.now().wall + 1h;
    CHECK(get("/v1/status").at("message").is_null());
    CHECK(get("/v1/outcomes").at("message").is_null());
    order({{{"id", "m.1"},
            {"terminal", "*"},
            {"action", "message"},
            {"not_after", unixSeconds(end)},
            {"text", {{"zh", "今日免费"}, {"en", "Free today"}}}}});
    const json shown{{"zh", "今日免费"}, {"en", "Free today"}, {"until", formatUtc(end)}};
    CHECK(get("/v1/status").at("message") == shown);
    CHECK(get("/v1/outcomes").at("message") == shown);
    clock.advance(1h);
    CHECK(get("/v1/status").at("message").is_null());
    CHECK(get("/v1/outcomes").at("message").is_null());
}
