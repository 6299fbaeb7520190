#include "firmware/identity/identify.h"
#include "firmware/terminal/terminal.h"
#include "tests/firmware/terminal_fixture.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <thread>

using namespace ykt;
using namespace ykt::test;
using firmware::identity::Medium;
using firmware::identity::VerifiedIdentity;
using firmware::terminal::Presentation;
using hal::Signal;

namespace {

VerifiedIdentity cardHolder(std::uint8_t who) {
    VerifiedIdentity identity;
    identity.medium = Medium::social_security_card;
    identity.assurance = firmware::identity::Assurance::authenticated;
    identity.subject.fill(who);
    identity.mediumId = PersonalData<std::string>(std::string(32, static_cast<char>('0' + who)));
    identity.region = "640100";
    identity.holderClass = firmware::identity::HolderClass::adult;
    return identity;
}

VerifiedIdentity codeHolder(std::uint8_t who, std::uint8_t code, WallTime now) {
    auto identity = cardHolder(who);
    identity.medium = Medium::fusion_code;
    identity.singleUse = firmware::identity::SingleUse{{code}, now + std::chrono::minutes(5)};
    return identity;
}

Presentation at(const TerminalFixture& fixture) {
    return {"lane", fixture.clock.now().monotonic, Medium::social_security_card};
}

// Looks into the database through a connection of its own whenever the gate is told to open.
class WitnessGate : public hal::Gate {
  public:
    explicit WitnessGate(const std::filesystem::path& database)
        : database_(database.string(), SQLite::OPEN_READONLY) {}
    Result<void> open() override {
        committedAtOpening.push_back(database_.execAndGet("SELECT count(*) FROM journal").getInt());
        return {};
    }
    std::vector<int> committedAtOpening;

  private:
    SQLite::Database database_;
};

} // namespace

TEST_CASE("the gate opens after its record is committed, and only for an acceptance") {
    TerminalFixture fixture;
    WitnessGate gate(fixture.folder.path() / "ykt.db");
    firmware::terminal::Terminal terminal(
        {"bus.ride", "transport", 200, false}, *fixture.store,
        {gate, fixture.actuations.light(), fixture.actuations.sound()}, fixture.clock,
        {.lists =
             [](WallTime) {
                 return firmware::policy::Lists{true, std::chrono::seconds(1)};
             },
         .recorded = [] {},
         .changed = [] {}});
    REQUIRE(terminal.reloadBulletins());

    CHECK(terminal.conclude(at(fixture), cardHolder(1)).signal == Signal::accepted);
    CHECK(terminal.conclude(at(fixture), fail(Reason::card_not_genuine)).signal == Signal::refused);
    CHECK(terminal.conclude(at(fixture), cardHolder(2)).signal == Signal::accepted);
    CHECK(gate.committedAtOpening == std::vector<int>{1, 3});
}

TEST_CASE("a store that is full of money keeps the gate shut and says that the terminal failed") {
    offline_store::StoreLimits limits;
    limits.undeliveredMoney = 1;
    TerminalFixture fixture(limits);
    CHECK(fixture.terminal->conclude(at(fixture), cardHolder(1)).signal == Signal::accepted);
    const auto outcome = fixture.terminal->conclude(at(fixture), cardHolder(2));
    CHECK(outcome.signal == Signal::fault);
    CHECK(outcome.reason == Reason::store_full);
    CHECK_FALSE(outcome.receipt);
    CHECK(fixture.gateOpenings() == 1);
}

TEST_CASE("a gate that stays shut is the terminal's fault, and its record says so") {
    struct : hal::Gate {
        Result<void> open() override { return fail(Reason::wire_failed, "motor"); }
    } stuck;
    TerminalFixture fixture;
    firmware::terminal::Terminal terminal(
        {"bus.ride", "transport", 200, false}, *fixture.store,
        {stuck, fixture.actuations.light(), fixture.actuations.sound()}, fixture.clock,
        {.lists =
             [](WallTime) {
                 return firmware::policy::Lists{true, std::chrono::seconds(1)};
             },
         .recorded = [] {},
         .changed = [] {}});
    REQUIRE(terminal.reloadBulletins());
    const auto outcome = terminal.conclude(at(fixture), cardHolder(1));
    CHECK(outcome.signal == Signal::fault);
    CHECK(outcome.reason == Reason::wire_failed);
    REQUIRE(outcome.receipt);
    const auto told = fixture.store->read(outcome.receipt->sequence + 1);
    REQUIRE(told);
    CHECK(told->kind == "gate_failed");
}

TEST_CASE("a code is accepted once, and a holder once within the repeat interval") {
    TerminalFixture fixture;
    const auto now = fixture.clock.now().wall;
    CHECK(fixture.terminal->conclude(at(fixture), codeHolder(1, 7, now)).signal == Signal::accepted);
    const auto sameCode = fixture.terminal->conclude(at(fixture), codeHolder(2, 7, now));
    CHECK(sameCode.signal == Signal::refused);
    CHECK(sameCode.reason == Reason::already_used);
    const auto sameHolder = fixture.terminal->conclude(at(fixture), codeHolder(1, 8, now));
    CHECK(sameHolder.reason == Reason::repeated_too_soon);
    CHECK(describe(*sameHolder.reason).origin == Origin::rules);

    fixture.clock.advance(std::chrono::seconds(11));
    CHECK(fixture.terminal->conclude(at(fixture), codeHolder(1, 9, now)).signal == Signal::accepted);
    CHECK(fixture.terminal->conclude(at(fixture), codeHolder(3, 7, now)).reason == Reason::already_used);
}

TEST_CASE("of many lanes that present one code at once exactly one is accepted") {
    TerminalFixture fixture;
    const auto now = fixture.clock.now().wall;
    for (std::uint8_t code = 1; code <= 20; ++code) {
        std::atomic<int> accepted{0};
        std::vector<std::jthread> lanes;
        for (std::uint8_t lane = 0; lane < 4; ++lane)
            lanes.emplace_back([&, lane] {
                const auto who = static_cast<std::uint8_t>(code * 4 + lane);
                const auto outcome = fixture.terminal->conclude(at(fixture), codeHolder(who, code, now));
                accepted += outcome.signal == Signal::accepted ? 1 : 0;
            });
        lanes.clear();
        CHECK(accepted == 1);
    }
    CHECK(fixture.gateOpenings() == 20);
    CHECK(fixture.store->verifyChain());
}

TEST_CASE("without lists nobody passes: not listed is never assumed") {
    TerminalFixture fixture({}, false);
    CHECK(fixture.terminal->conclude(at(fixture), cardHolder(1)).reason == Reason::catalogue_stale);
    fixture.install("catalogue", TerminalFixture::catalogueBody());
    REQUIRE(fixture.terminal->reloadBulletins());
    const auto outcome = fixture.terminal->conclude(at(fixture), cardHolder(1));
    CHECK(outcome.reason == Reason::look_up_failed);
    CHECK(outcome.signal == Signal::fault);
    CHECK(fixture.gateOpenings() == 0);
}

TEST_CASE("a revoked card is refused by the rules and recorded as a security event") {
    TerminalFixture fixture;
    const auto identity = cardHolder(5);
    fixture.install(
        "revocation",
        nlohmann::json{
            {"entries", {sim::revocationEntry("social_security_card", identity.mediumId.reveal())}}}
            .dump());
    const auto outcome = fixture.terminal->conclude(at(fixture), identity);
    CHECK(outcome.reason == Reason::revoked);
    REQUIRE(outcome.receipt);
    const auto record = fixture.store->read(outcome.receipt->sequence);
    REQUIRE(record);
    CHECK(record->recordClass == offline_store::RecordClass::security_event);
    CHECK(fixture.terminal->conclude(at(fixture), cardHolder(6)).signal == Signal::accepted);
}

TEST_CASE("what was not decided is not recorded, and a card that left asks for another try") {
    TerminalFixture fixture;
    for (const auto reason : {Reason::card_gone, Reason::card_mute}) {
        const auto outcome = fixture.terminal->conclude(at(fixture), fail(reason));
        CHECK(outcome.signal == Signal::again);
        CHECK_FALSE(outcome.receipt);
    }
    for (const auto reason : {Reason::reader_gone, Reason::sam_missing, Reason::service_gone})
        CHECK(fixture.terminal->conclude(at(fixture), fail(reason)).signal == Signal::fault);
    CHECK(fixture.terminal->conclude(at(fixture), fail(Reason::format_unknown)).signal == Signal::refused);
    CHECK(fixture.recorded() == 0);
}

TEST_CASE(
    "every outcome has light and sound; the light rests after a while, the gate moves for nobody else") {
    TerminalFixture fixture;
    fixture.terminal->conclude(at(fixture), cardHolder(1));
    fixture.terminal->conclude(at(fixture), fail(Reason::card_not_genuine));
    fixture.terminal->conclude(at(fixture), fail(Reason::card_gone));
    fixture.terminal->rest();
    fixture.clock.advance(firmware::terminal::Terminal::signalDwell);
    fixture.terminal->rest();
    fixture.terminal->rest();
    std::vector<std::string> seen;
    for (const auto& actuation : fixture.actuations.all())
        seen.push_back(std::string(actuation.actuator) + ":" + std::string(actuation.signal));
    CHECK(seen == std::vector<std::string>{"gate:open", "light:accepted", "sound:accepted", "light:refused",
                                           "sound:refused", "light:again", "sound:again", "light:idle"});
}

TEST_CASE("a bulletin that cannot be understood leaves the ones in force as they are") {
    TerminalFixture fixture;
    fixture.install("catalogue", R"({"services": [{"id": "bus.ride"}]})");
    CHECK(fixture.terminal->reloadBulletins().error() == Reason::bulletin_malformed);
    CHECK(fixture.terminal->conclude(at(fixture), cardHolder(1)).signal == Signal::accepted);
}
