// Codes that only the online verifier could prove, taken on trust while it is out of reach.
#include "firmware/identity/identify.h"
#include "firmware/identity/online_answer.h"
#include "firmware/terminal/terminal.h"
#include "tests/firmware/terminal_fixture.h"

using namespace ykt;
using namespace ykt::test;
using firmware::identity::VerifiedIdentity;
using hal::Signal;

namespace {

constexpr unsigned perTerminal = 50; // of bus.ride in the example catalogue

struct DeferringFixture : TerminalFixture {
    firmware::terminal::Outcome present(const VerifiedIdentity& identity) {
        return terminal->conclude({"lane", clock.now().monotonic, identity.medium}, identity);
    }
    VerifiedIdentity unverified(const std::string& token) {
        return firmware::identity::identify(code(token), pseudonymKey, clock.now().wall);
    }
    static qr::OnlineCode code(const std::string& token) {
        return {qr::CodeFormat::electronic_card_code, Secret(toBytes(token))};
    }
    nlohmann::json payloadOf(const firmware::terminal::Outcome& outcome) {
        REQUIRE(outcome.receipt);
        return nlohmann::json::parse(store->read(outcome.receipt->sequence).value().payload);
    }
};

} // namespace

TEST_CASE_METHOD(DeferringFixture, "a deferred code's record carries its token, and no other record does") {
    const auto deferred = present(unverified("0123456789ABCDEF"));
    CHECK(deferred.signal == Signal::accepted);
    const auto payload = payloadOf(deferred);
    CHECK(payload["deferred"]["token"] == "0123456789ABCDEF");
    CHECK(payload["medium"] == "electronic_card_code");
    CHECK(payload["assurance"] == "presented");

    const auto again = present(unverified("0123456789ABCDEF"));
    CHECK(again.reason == Reason::already_used);
    CHECK(payloadOf(again).dump().find("0123456789ABCDEF") == std::string::npos);

    firmware::identity::OnlineAnswer answer;
    answer.cardNumber = PersonalData<std::string>{"64A000000001"};
    const auto verified = present(
        firmware::identity::identify(code("FEDCBA9876543210"), answer, pseudonymKey, clock.now().wall));
    CHECK(verified.signal == Signal::accepted);
    CHECK_FALSE(payloadOf(verified).contains("deferred"));
    CHECK(payloadOf(verified).dump().find("FEDCBA9876543210") == std::string::npos);
}

TEST_CASE_METHOD(DeferringFixture, "a terminal defers as often in a day as its service says, whoever comes") {
    const auto token = [](unsigned number) { return "0123456789AB" + std::to_string(1000 + number); };
    for (unsigned number = 0; number < perTerminal; ++number)
        REQUIRE(present(unverified(token(number))).signal == Signal::accepted);
    const auto refused = present(unverified(token(perTerminal)));
    CHECK(refused.signal == Signal::refused);
    CHECK(refused.reason == Reason::deferral_limit);
    CHECK(gateOpenings() == perTerminal);
    terminal.reset();
    store.reset();
    openStore(); // nor after a restart
    startTerminal();
    CHECK(present(unverified(token(perTerminal))).reason == Reason::deferral_limit);
    clock.advance(std::chrono::hours(24));
    CHECK(present(unverified(token(perTerminal))).signal == Signal::accepted);
}
