#include "firmware/terminal/terminal.h"
#include "tests/firmware/terminal_fixture.h"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace ykt;
using namespace ykt::test;
using namespace std::chrono_literals;
using firmware::terminal::parseDirectives;
using hal::Signal;
using nlohmann::json;

namespace {

struct DirectiveFixture : TerminalFixture {
    [[nodiscard]] json directive(const std::string& id, const std::string& action) const {
        json made{{"id", id},
                  {"terminal", "NX-TEST-0001"},
                  {"action", action},
                  {"not_after", unixSeconds(clock.now().wall + 24h)}};
        if (action == "message")
            made["text"] = {{"zh", "今日免费"}, {"en", "Free today"}};
        if (action == "resync")
            made["from_sequence"] = 2;
        return made;
    }
    void order(const std::vector<json>& directives) {
        install("directives", json{{"directives", directives}}.dump());
        REQUIRE(terminal->reloadBulletins());
    }
    void restart() {
        terminal.reset();
        store.reset();
        openStore();
        startTerminal();
    }
    // id and action of the events, oldest first.
    std::vector<std::string> done() {
        std::vector<std::string> all;
        const auto summaries = store->list(1, 1000).value();
        for (const auto& summary : summaries)
            if (summary.kind == "directive_done") {
                const auto record = store->read(summary.id.sequence).value();
                CHECK(record.recordClass == offline_store::RecordClass::security_event);
                const auto payload = json::parse(record.payload);
                all.push_back(payload.at("id").get<std::string>() + " " +
                              payload.at("action").get<std::string>());
            }
        return all;
    }
    using Done = std::vector<std::string>;
};

std::string complaint(const json& directive) {
    const auto parsed = parseDirectives(json{{"directives", json::array({directive})}}.dump());
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == Reason::bulletin_malformed);
    return parsed.error().context;
}

firmware::identity::VerifiedIdentity holder() {
    firmware::identity::VerifiedIdentity identity;
    identity.medium = firmware::identity::Medium::social_security_card;
    identity.assurance = firmware::identity::Assurance::authenticated;
    identity.mediumId = PersonalData<std::string>(std::string(32, '1'));
    identity.region = "640100";
    return identity;
}

} // namespace

TEST_CASE_METHOD(DirectiveFixture, "a lock refuses everybody until the unlock, over restarts too") {
    const auto present = [&] {
        clock.advance(1min);
        return terminal->conclude({"lane", clock.now().monotonic, std::nullopt}, holder()).reason;
    };
    CHECK(present() == std::nullopt);
    order({directive("d.1", "lock")});
    CHECK(terminal->isLocked());
    CHECK(present() == Reason::terminal_locked);
    restart();
    CHECK(present() == Reason::terminal_locked);
    order({}); // no directive left: what was done stays done
    CHECK(present() == Reason::terminal_locked);
    order({directive("d.2", "unlock"), directive("d.1", "lock")}); // d.1 was carried out
    CHECK(present() == std::nullopt);
    restart();
    CHECK(present() == std::nullopt);
    CHECK(done() == Done{"d.1 lock", "d.2 unlock"});
}

TEST_CASE_METHOD(DirectiveFixture, "directives for others, and those that are over, are not carried out") {
    auto elsewhere = directive("d.1", "lock");
    elsewhere["terminal"] = "NX-TEST-0002";
    auto over = directive("d.2", "lock");
    over["not_after"] = unixSeconds(clock.now().wall);
    auto everywhere = directive("d.3", "message");
    everywhere["terminal"] = "*";
    order({elsewhere, over, everywhere});
    CHECK_FALSE(terminal->isLocked());
    CHECK(done() == Done{"d.3 message"});
}

TEST_CASE_METHOD(DirectiveFixture, "a message is shown until it is over or withdrawn") {
    CHECK_FALSE(terminal->message());
    order({directive("d.1", "message")});
    REQUIRE(terminal->message());
    CHECK(terminal->message()->text.en == "Free today");
    CHECK(terminal->message()->notAfter == clock.now().wall + 24h);
    restart();
    CHECK(terminal->message());
    clock.advance(24h);
    CHECK_FALSE(terminal->message());
    order({directive("d.2", "message")});
    CHECK(terminal->message());
    order({});
    CHECK_FALSE(terminal->message());
    CHECK(done() == Done{"d.1 message", "d.2 message"});
    auto lasting = directive("d.3", "message");
    lasting["not_after"] = unixSeconds(clock.now().wall + 24h * 365);
    order({lasting});
    CHECK(terminal->message()->notAfter == store->bulletin("directives").value()->notAfter);
}

TEST_CASE_METHOD(DirectiveFixture, "a resync delivers again what was acknowledged, once") {
    for (int i = 0; i < 4; ++i)
        REQUIRE(store->append({offline_store::RecordClass::money, "ride", toBytes("{}"), {}}));
    REQUIRE(store->lease(10, 10'000, 1min));
    REQUIRE(store->acknowledge({{1, "R-1"}, {2, "R-2"}, {3, "R-3"}}));
    REQUIRE(store->bury(4, "rejected"));
    order({directive("d.1", "resync")});
    CHECK(store->counts()->acknowledged == 1);
    CHECK(store->counts()->pending == 3); // 2, 3 and the event
    CHECK(store->counts()->dead == 1);
    restart();
    std::vector<std::uint64_t> again;
    const auto batch = store->lease(10, 10'000, 1min).value();
    for (const auto& record : batch)
        again.push_back(record.id.sequence);
    CHECK(again == std::vector<std::uint64_t>{2, 3, 5});
    REQUIRE(store->acknowledge({{2, "R-2"}, {3, "R-3"}, {5, "R-5"}}));
    order({directive("d.1", "resync")});
    CHECK(store->counts()->acknowledged == 4);
    CHECK(done() == Done{"d.1 resync"});
}

TEST_CASE_METHOD(DirectiveFixture, "a directive that could not be written is not done, and done later") {
    {
        SQLite::Database other(storeOptions.file, SQLite::OPEN_READWRITE);
        other.exec("CREATE TRIGGER no_event BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no'); END");
        install("directives", json{{"directives", json::array({directive("d.1", "lock")})}}.dump());
        CHECK(terminal->reloadBulletins().error() == Reason::store_failed);
        CHECK_FALSE(terminal->isLocked());
        CHECK_FALSE(store->isLocked().value());
        other.exec("DROP TRIGGER no_event");
    }
    REQUIRE(terminal->reloadBulletins());
    CHECK(terminal->isLocked());
    CHECK(done() == Done{"d.1 lock"});
}

TEST_CASE_METHOD(DirectiveFixture, "directives of another form are refused with the place") {
    auto wrong = directive("d.1", "lock");
    wrong["action"] = "explode";
    CHECK(complaint(wrong) == "directives: directives[0].action: unknown name");
    wrong = directive("D 1", "lock");
    CHECK(complaint(wrong) == "directives: directives[0].id: unknown name");
    wrong = directive("d.1", "resync");
    wrong["from_sequence"] = 0;
    CHECK(complaint(wrong).starts_with("directives: directives[0].from_sequence: not a whole number"));
    wrong = directive("d.1", "lock");
    wrong["from_sequence"] = 1;
    CHECK(complaint(wrong) == "directives: directives[0].from_sequence: unknown member");
    wrong = directive("d.1", "message");
    wrong["text"]["en"] = std::string(201, 'x');
    CHECK(complaint(wrong) == "directives: directives[0].text.zh: a message is longer than 200 bytes");
    wrong = directive("d.1", "unlock");
    wrong["terminal"] = "all";
    CHECK(complaint(wrong) == "directives: directives[0].terminal: unknown name");
    const auto twice = json{{"directives", {directive("d.1", "lock"), directive("d.1", "unlock")}}};
    CHECK(parseDirectives(twice.dump()).error().context == "directives: directives[1].id: listed twice");
}
