// What a code lane makes of payloads, whoever read them: a camera's symbols or a scan engine.
#include "firmware/identity/online_answer.h"
#include "firmware/panel/views.h"
#include "firmware/terminal/code_intake.h"
#include "qr/holder_reference.h"
#include "tests/firmware/captured_log.h"
#include "tests/firmware/terminal_fixture.h"

#include <thread>

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using namespace std::chrono_literals;
using hal::Signal;

namespace {

const Bytes tokenPayload = toBytes("ESSC.7Zq0pKx3vTt9WmB2LrYd");
constexpr std::string_view electronicCard = "00000000000000ESSC0001";

// Says what the test lets it say, and counts who asks.
class FakeVerifier : public courier::OnlineVerifier {
  public:
    Result<identity::OnlineAnswer> verify(const qr::OnlineCode&, const identity::QuestionId& id) override {
        ++asked;
        question = id;
        if (no)
            return fail(*no);
        return identity::OnlineAnswer{PersonalData<std::string>(std::string(electronicCard)), "1", "640100"};
    }
    std::optional<Reason> no;
    int asked = 0;
    identity::QuestionId question{};
};

struct IntakeWorld : TerminalFixture {
    FakeVerifier verifier;
    terminal::CodeIntake intake{"code-1", {*terminal, pseudonymKey, &verifier}};

    // What came of what was shown now; none: nothing.
    std::optional<terminal::Outcome> show(const std::vector<Bytes>& payloads) {
        return showTo(intake, payloads);
    }
    std::optional<terminal::Outcome> showTo(terminal::CodeIntake& where, const std::vector<Bytes>& payloads) {
        const auto before = terminal->outcomes().newest();
        where.take(std::vector<ByteView>(payloads.begin(), payloads.end()), clock.now().monotonic);
        const auto outcomes = terminal->outcomes().after(before);
        REQUIRE(outcomes.size() < 2);
        return outcomes.empty() ? std::nullopt : std::optional(outcomes.front());
    }
    // Of an account of its own.
    Bytes transit(unsigned account) {
        sim::TransitCodeSpec spec;
        const auto digits = std::to_string(account);
        spec.cardAccount = std::string(20 - digits.size(), '0') + digits;
        return codes.transitCode(spec, clock.now().wall).value();
    }
    Bytes fusion(qr::FusionForm form, std::chrono::seconds validity = 300s) {
        sim::FusionCodeSpec spec;
        spec.form = form;
        spec.programmeKey = pseudonymKey.clone();
        spec.validity = validity;
        spec.authorised = authorised;
        return codes.fusionCode(spec, clock.now().wall).value();
    }
    template <typename Change>
    void amendService(const Change& change) {
        auto body = nlohmann::json::parse(catalogueBody());
        for (auto& service : body["services"])
            if (service["id"] == "bus.ride")
                change(service);
        install("catalogue", body.dump());
        REQUIRE(terminal->reloadBulletins());
    }
    nlohmann::json payload(std::uint64_t sequence) {
        return nlohmann::json::parse(toText(store->read(sequence).value().payload));
    }

    const WallTime authorised = clock.now().wall;
};

void isRefused(const std::optional<terminal::Outcome>& outcome, Reason reason,
               Signal signal = Signal::refused) {
    REQUIRE(outcome);
    CHECK(outcome->signal == signal);
    CHECK(outcome->reason == reason);
}

void isAccepted(const std::optional<terminal::Outcome>& outcome) {
    REQUIRE(outcome);
    CAPTURE(outcome->context);
    CHECK(outcome->reason == std::nullopt);
    CHECK(outcome->signal == Signal::accepted);
}

} // namespace

TEST_CASE("two codes of ours in view are one too many, and either is taken when it is alone") {
    IntakeWorld world;
    const auto first = world.transit(1);
    const auto second = world.transit(2);
    isRefused(world.show({first, second}), Reason::several_symbols);
    CHECK_FALSE(world.show({second, first})); // the same two, in another order
    isAccepted(world.show({second}));
    CHECK_FALSE(world.show({first, second})); // still the ones that were said to be too many
    isAccepted(world.show({first}));
    CHECK(world.gateOpenings() == 2);
}

TEST_CASE("a poster behind the phone neither blocks a code nor is told again and again") {
    IntakeWorld world;
    const auto poster = toBytes("https://example.org/ride");
    const auto alone = world.show({poster});
    isRefused(alone, Reason::format_unknown);
    CHECK(alone->context.find("example") == std::string::npos);
    isAccepted(world.show({poster, world.transit(1)}));
    for (int frame = 0; frame < 100; ++frame) {
        world.clock.advance(100ms);
        CHECK_FALSE(world.show({poster}));
    }
    CHECK(world.recorded() == 1);
}

TEST_CASE("what comes in parts is refused once for as long as it is shown") {
    IntakeWorld world;
    for (int frame = 0; frame < 3; ++frame)
        world.intake.refuse(Reason::symbol_in_parts, world.clock.now().monotonic);
    REQUIRE(world.terminal->outcomes().newest() == 1);
    CHECK(world.terminal->outcomes().after(0).front().reason == Reason::symbol_in_parts);
}

TEST_CASE("codes that are seen in turn are each one presentation") {
    IntakeWorld world;
    const auto first = world.transit(1);
    const auto second = world.transit(2);
    isAccepted(world.show({first}));
    isAccepted(world.show({second}));
    for (int frame = 0; frame < 50; ++frame) {
        world.clock.advance(100ms);
        CHECK_FALSE(world.show({frame % 2 == 0 ? first : second}));
    }
    world.clock.advance(terminal::CodeIntake::samePresentation);
    isRefused(world.show({first}), Reason::already_used);
}

TEST_CASE("a phone that refreshes its code under the camera is not charged or refused for it") {
    IntakeWorld world;
    isAccepted(world.show({world.transit(1)}));
    world.clock.advance(1900ms);
    CHECK_FALSE(world.show({world.transit(1)})); // generated later, so another code of the account
    world.clock.advance(200ms);
    isRefused(world.show({world.transit(1)}), Reason::repeated_too_soon);
    CHECK(world.gateOpenings() == 1);
}

TEST_CASE("an electronic card code is what the online verifier says it is") {
    IntakeWorld world;
    isAccepted(world.show({tokenPayload}));
    CHECK(world.payload(1).at("assurance") == "authenticated");
    CHECK(world.payload(1).at("medium_id") == electronicCard);
    CHECK_FALSE(world.payload(1).contains("deferred"));

    world.clock.advance(1min);
    isRefused(world.show({tokenPayload}), Reason::already_used);
    world.clock.advance(1min);
    world.verifier.no = Reason::code_not_valid;
    isRefused(world.show({toBytes("ESSC.anotherTokenOfSomebody")}), Reason::code_not_valid);
    world.clock.advance(1min);
    world.verifier.no = Reason::reply_malformed; // we failed: no rule for outages excuses that
    isRefused(world.show({toBytes("ESSC.yetAnotherTokenOfOne")}), Reason::reply_malformed, Signal::fault);
    CHECK(world.verifier.asked == 3); // not again about the one that was used
}

TEST_CASE(
    "a verifier out of reach leaves the catalogue's rule: refuse, refer, or defer within the day's limits") {
    IntakeWorld world;
    world.verifier.no = GENERATE(Reason::unreachable, Reason::upstream_timeout);
    world.amendService([](auto& service) { service["offline"]["unverified_codes"] = "refuse"; });
    isRefused(world.show({toBytes("ESSC.tokenNumberOne00")}), Reason::online_only);

    world.amendService([](auto& service) { service["offline"]["unverified_codes"] = "refer"; });
    isRefused(world.show({toBytes("ESSC.tokenNumberTwo00")}), Reason::online_only, Signal::referred);

    world.amendService([](auto& service) {
        service["offline"]["unverified_codes"] = {{"defer", {{"per_subject", 1}, {"per_terminal", 2}}}};
    });
    isAccepted(world.show({toBytes("ESSC.tokenNumberThree")}));
    const auto record = world.payload(world.recorded());
    CHECK(record.at("assurance") == "presented");
    CHECK(record.at("deferred").at("token") == "ESSC.tokenNumberThree");
    CHECK(record.at("deferred").at("request_id") == toHex(world.verifier.question));
    isAccepted(world.show({toBytes("ESSC.tokenNumberFour0")}));
    isRefused(world.show({toBytes("ESSC.tokenNumberFive0")}), Reason::deferral_limit);
    CHECK(world.gateOpenings() == 2);
}

TEST_CASE("no token leaves the terminal for a service that does not take such codes") {
    IntakeWorld world;
    world.amendService([](auto& service) { service["media"] = {"transit_code", "social_security_card"}; });
    isRefused(world.show({tokenPayload}), Reason::medium_not_allowed);
    CHECK(world.verifier.asked == 0);
}

TEST_CASE("the online form of a fusion code goes to the verifier too") {
    IntakeWorld world;
    const auto outcome = world.show({world.fusion(qr::FusionForm::online)});
    isAccepted(outcome);
    CHECK(outcome->presentation.medium == identity::Medium::fusion_code);
    CHECK(world.verifier.asked == 1);
}

TEST_CASE("an emergency code rides once where the catalogue takes such codes, and nowhere else") {
    IntakeWorld world;
    world.amendService([](auto& service) { service["emergency_codes"] = false; });
    isRefused(world.show({world.fusion(qr::FusionForm::emergency, 12h)}), Reason::assurance_too_low);
    world.amendService([](auto& service) { service["emergency_codes"] = true; });
    world.clock.advance(1min);
    isAccepted(world.show({world.fusion(qr::FusionForm::emergency, 12h)}));
    CHECK(world.payload(world.recorded()).at("assurance") == "read");
    world.clock.advance(1h); // another code of the same authorisation
    isRefused(world.show({world.fusion(qr::FusionForm::emergency, 12h)}), Reason::already_used);
    isAccepted(world.show({world.fusion(qr::FusionForm::offline)}));
}

TEST_CASE(
    "a holder reference is opened for the services that the catalogue lets, and sealed for all others") {
    IntakeWorld world;
    const sim::FusionCodeSpec spec; // whose reference the fixture's codes carry
    isAccepted(world.show({world.fusion(qr::FusionForm::offline)}));
    CHECK(world.payload(1).at("medium_id") != toHex(spec.holderReference));
    CHECK(world.payload(1).at("subject") != toHex(spec.holderReference));

    world.amendService([](auto& service) { service["open_holder_reference"] = true; });
    world.clock.advance(1min);
    isAccepted(world.show({world.fusion(qr::FusionForm::offline)}));
    CHECK(world.payload(2).at("medium_id") == toHex(spec.holderReference));
    CHECK(world.payload(2).at("subject") == toHex(spec.holderReference));
}

TEST_CASE("one code before several lanes of a terminal at once is taken by one of them") {
    IntakeWorld world;
    world.amendService([](auto& service) { service["repeat_interval_s"] = 0; }); // the code alone decides
    constexpr int codesShown = 40;
    for (int round = 0; round < codesShown; ++round) {
        const std::vector<Bytes> code{world.transit(1)};
        world.clock.advance(5s);
        std::atomic<int> ready{0};
        const auto lane = [&](const char* name) {
            terminal::CodeIntake mine(name, {*world.terminal, world.pseudonymKey});
            ++ready;
            while (ready < 3) // together
                std::this_thread::yield();
            mine.take({ByteView(code.front())}, world.clock.now().monotonic);
        };
        const auto before = world.terminal->outcomes().newest();
        {
            const std::jthread one(lane, "code-1");
            const std::jthread two(lane, "code-2");
            const std::jthread three(lane, "code-3");
        }
        int accepted = 0;
        for (const auto& outcome : world.terminal->outcomes().after(before)) {
            accepted += outcome.signal == Signal::accepted ? 1 : 0;
            if (outcome.signal != Signal::accepted)
                CHECK(outcome.reason == Reason::already_used);
        }
        REQUIRE(accepted == 1);
    }
    CHECK(world.gateOpenings() == codesShown);
}

TEST_CASE("a code that was taken stays taken over a restart and over steps of the clock") {
    IntakeWorld world;
    world.amendService([](auto& service) { service["repeat_interval_s"] = 0; });
    const auto code = world.transit(1);
    isAccepted(world.show({code}));
    const auto [jump, trust] = GENERATE(table<std::chrono::hours, TimeTrust>(
        {{0h, TimeTrust::synced}, {24h * 5, TimeTrust::synced}, {24h * 40, TimeTrust::suspect}}));
    const auto restart = [&] {
        world.terminal.reset();
        world.store.reset();
        world.openStore();
        world.startTerminal();
    };
    world.clock.step(jump, trust); // ahead, and a restart there, which tidies the store up
    restart();
    world.clock.step(-jump, TimeTrust::synced); // the clock is set right
    restart();
    terminal::CodeIntake intake("code-1", {*world.terminal, world.pseudonymKey});
    isRefused(world.showTo(intake, {code}), Reason::already_used);
    CHECK(world.gateOpenings() == 1);
}

TEST_CASE("no token, account or content of a code appears in a log line or in what the panel shows") {
    const CapturedLog log;
    const std::string link = "WIFI:T:WPA;S:home;P:secretOfSomebody;;";
    std::string shown;
    {
        IntakeWorld world;
        isAccepted(world.show({tokenPayload}));
        isAccepted(world.show({world.transit(4711)}));
        isRefused(world.show({toBytes(link)}), Reason::format_unknown);
        world.verifier.no = Reason::unreachable;
        isAccepted(world.show({toBytes("ESSC.unreachable00000")})); // on trust
        shown += panel::recordJson(world.store->read(3).value());
        shown += panel::outcomesJson(world.terminal->outcomes().after(0), {}) +
                 panel::recordJson(world.store->read(1).value()) +
                 panel::recordJson(world.store->read(2).value());
    }
    CHECK(log.text().find("accepted") != std::string::npos); // something was logged
    CHECK(shown.find("medium_id") != std::string::npos);     // and shown
    for (const auto& text : {log.text(), shown})
        for (const std::string_view secret :
             {std::string_view("ESSC."), electronicCard, std::string_view("00004711"),
              std::string_view("secretOfSomebody")})
            CHECK(text.find(secret) == std::string::npos);
}
