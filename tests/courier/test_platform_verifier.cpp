// Electronic card codes and the platform that says whether they hold.
#include "fixture.h"

#include "firmware/courier/platform_verifier.h"
#include "firmware/identity/online_answer.h"
#include "qr/code.h"

#include <future>

using namespace ykt;
using namespace ykt::firmware::courier;
using firmware::identity::OnlineAnswer;

namespace {

constexpr Milliseconds second{1'000};

struct VerifierFixture : Fixture {
    [[nodiscard]] std::unique_ptr<PlatformVerifier> verifier(Milliseconds timeout = 5 * second) const {
        return std::move(*PlatformVerifier::create(httpsSettings(), {timeout, "02"}, clock));
    }
    static qr::OnlineCode code(const std::string& token,
                               qr::CodeFormat format = qr::CodeFormat::electronic_card_code) {
        return {format, Secret(toBytes(token))};
    }
    static firmware::identity::QuestionId question() {
        firmware::identity::QuestionId id{};
        std::ranges::copy(crypto::randomBytes(id.size()).value(), id.begin());
        return id;
    }
    static Reason refusalOf(PlatformVerifier& verifier, const std::string& token) {
        const auto answer = verifier.verify(code(token), question());
        REQUIRE_FALSE(answer);
        CHECK(answer.error().context.find(token) == std::string::npos);
        return answer.error().reason;
    }
    static std::string cardOf(const Result<OnlineAnswer>& answer) {
        INFO((answer ? std::string() : explain(answer.error())));
        REQUIRE(answer);
        return answer->cardNumber.reveal();
    }
};

} // namespace

TEST_CASE_METHOD(VerifierFixture, "a code that holds names its holder once, and nobody a second time") {
    const auto platform = verifier();
    const auto token = backOffice->tokens().issue("64A000000001");
    const auto answer = platform->verify(code(token), question());
    CHECK(cardOf(answer) == "64A000000001");
    CHECK(answer->signLevel == "1");
    CHECK(answer->region == "640100");
    CHECK(refusalOf(*platform, token) == Reason::code_not_valid);
    CHECK(refusalOf(*platform, "0123456789ABCDEF") == Reason::code_not_valid);
    CHECK(backOffice->verifierRequests() == 3);
}

TEST_CASE_METHOD(VerifierFixture, "a token of one format is none of another") {
    const auto platform = verifier();
    backOffice->tokens().enter("fusion_code", "YKTSIM0000000001", "64A000000002");
    CHECK(refusalOf(*platform, "YKTSIM0000000001") == Reason::code_not_valid);
    CHECK(cardOf(platform->verify(code("YKTSIM0000000001", qr::CodeFormat::fusion_code), question())) ==
          "64A000000002");
}

TEST_CASE_METHOD(VerifierFixture, "a token's own characters never break the question") {
    const auto platform = verifier();
    const std::string token = R"(AB"\',:{}[]<>&%+/=?#0)";
    backOffice->tokens().enter("electronic_card_code", token, "64A000000003");
    CHECK(cardOf(platform->verify(code(token), question())) == "64A000000003");
}

TEST_CASE_METHOD(VerifierFixture, "a verifier that cannot be asked is told from one that says no or fails") {
    const auto platform = verifier(Milliseconds{600});
    const auto token = backOffice->tokens().issue("64A000000001");
    SECTION("not reachable") {
        REQUIRE(backOffice->setReachable(false));
        CHECK(refusalOf(*platform, token) == Reason::unreachable);
        REQUIRE(backOffice->setReachable(true));
    }
    SECTION("behind a service that is down") {
        backOffice->setVerifierFaults({.status = GENERATE(500U, 502U, 503U, 429U)});
        CHECK(refusalOf(*platform, token) == Reason::unreachable);
    }
    SECTION("slow") {
        backOffice->setVerifierFaults({.delay = 30 * second});
        const auto asked = clock.now().monotonic;
        CHECK(refusalOf(*platform, token) == Reason::upstream_timeout);
        CHECK(clock.now().monotonic - asked < 5 * second); // not the answer's 30
    }
    SECTION("refusing the terminal") {
        backOffice->setVerifierFaults({.status = GENERATE(400U, 403U, 404U)});
        CHECK(refusalOf(*platform, token) == Reason::upstream_rejected);
    }
    backOffice->setVerifierFaults({});
    CHECK(cardOf(verifier()->verify(code(token), question())) ==
          "64A000000001"); // none of this used the token up
}

TEST_CASE_METHOD(VerifierFixture, "an answer that is not as documented is nobody's identity") {
    const auto platform = verifier();
    const auto token = backOffice->tokens().issue("64A000000001");
    const auto* body = GENERATE("[]", "{}", "null", "{", "7",
                                R"({"requestId":7,"msgCode":"000000","result":{"esscNo":"1"}})",
                                R"({"msgCode":"000000","msg":"ok","result":{"esscNo":"64A000000009"}})");
    backOffice->setVerifierFaults({.body = body});
    CHECK(refusalOf(*platform, token) == Reason::reply_malformed);
    backOffice->setVerifierFaults({.body = std::string(4'000, '[')});
    CHECK(refusalOf(*platform, token) == Reason::reply_malformed);
    backOffice->setVerifierFaults({.body = std::string(1'000'000, ' ') + "{}"});
    CHECK(refusalOf(*platform, token) == Reason::reply_malformed);
    backOffice->setVerifierFaults({});
    CHECK(cardOf(platform->verify(code(token), question())) == "64A000000001");
}

TEST_CASE_METHOD(VerifierFixture, "an answer to another question is taken by nobody") {
    const auto platform = verifier();
    const auto first = backOffice->tokens().issue("64A000000001");
    const auto second = backOffice->tokens().issue("64A000000002");
    const auto third = backOffice->tokens().issue("64A000000003");
    CHECK(cardOf(platform->verify(code(first), question())) == "64A000000001");
    backOffice->setVerifierFaults({.previousAnswer = true});
    CHECK(refusalOf(*platform, second) == Reason::reply_malformed);
    backOffice->setVerifierFaults({.wrongRequestId = true});
    CHECK(refusalOf(*platform, third) == Reason::reply_malformed);
    backOffice->setVerifierFaults({});
    const auto fourth = backOffice->tokens().issue("64A000000004");
    CHECK(cardOf(platform->verify(code(fourth), question())) == "64A000000004");
}

TEST_CASE_METHOD(VerifierFixture, "an answer that comes too late is not the next one's") {
    const auto platform = verifier(second);
    const auto late = backOffice->tokens().issue("64A000000001");
    const auto next = backOffice->tokens().issue("64A000000002");
    CHECK(refusalOf(*verifier(), "0123456789ABCDEF") == Reason::code_not_valid);
    backOffice->setVerifierFaults({.delay = Milliseconds{1'500}});
    CHECK(refusalOf(*platform, late) == Reason::upstream_timeout);
    backOffice->setVerifierFaults({});
    // Its answer arrives about now, on a connection that nobody reads any more.
    for (int i = 0; i < 5; ++i) {
        const auto other = backOffice->tokens().issue("64A00000001" + std::to_string(i));
        CHECK(cardOf(verifier()->verify(code(other), question())) == "64A00000001" + std::to_string(i));
    }
    CHECK(cardOf(platform->verify(code(next), question())) == "64A000000002");
}

TEST_CASE_METHOD(VerifierFixture, "lanes that ask at once get each its own answer") {
    const auto platform = verifier(20 * second);
    std::vector<std::future<int>> lanes;
    for (int lane = 0; lane < 4; ++lane)
        lanes.push_back(std::async(std::launch::async, [&, lane] {
            int right = 0;
            for (int i = 0; i < 10; ++i) {
                const auto number = "64B" + std::to_string(lane * 100 + i);
                const auto answer = platform->verify(code(backOffice->tokens().issue(number)), question());
                right += answer && answer->cardNumber.reveal() == number;
            }
            return right;
        }));
    for (auto& lane : lanes)
        CHECK(lane.get() == 10);
}

TEST_CASE_METHOD(VerifierFixture, "a lane's limit holds while another has the connection") {
    const auto platform = verifier(second);
    backOffice->setVerifierFaults({.delay = 30 * second});
    std::vector<std::future<Reason>> lanes;
    for (int i = 0; i < 3; ++i)
        lanes.push_back(std::async(std::launch::async, [&] {
            return platform->verify(code("0123456789ABCDEF"), question()).error().reason;
        }));
    for (auto& lane : lanes)
        CHECK(lane.get() == Reason::upstream_timeout);
    backOffice->setVerifierFaults({});
    CHECK(refusalOf(*verifier(), "0123456789ABCDEF") == Reason::code_not_valid);
}

TEST_CASE_METHOD(VerifierFixture, "a stop ends every wait for the verifier") {
    const auto platform = verifier(120 * second);
    backOffice->setVerifierFaults({.delay = 120 * second});
    std::vector<std::future<Reason>> lanes;
    for (int i = 0; i < 2; ++i)
        lanes.push_back(std::async(std::launch::async, [&] {
            return platform->verify(code("0123456789ABCDEF"), question()).error().reason;
        }));
    REQUIRE(eventually([&] { return backOffice->verifierRequests() == 1; }));
    platform->stop();
    for (auto& lane : lanes) {
        REQUIRE(lane.wait_for(std::chrono::seconds{20}) == std::future_status::ready);
        CHECK(lane.get() == Reason::cancelled);
    }
    CHECK(refusalOf(*platform, "0123456789ABCDEF") == Reason::cancelled);
}

TEST_CASE_METHOD(VerifierFixture, "neither side of the verifier takes a stranger's certificate") {
    auto settings = httpsSettings();
    const auto stranger = sim::Pki::create(clock.now().wall);
    SECTION("the terminal's") {
        settings.identity = *stranger->terminalIdentity(terminalName);
    }
    SECTION("the server's") {
        settings.caPem = stranger->caPem();
    }
    const auto platform = std::move(*PlatformVerifier::create(settings, {5 * second, "02"}, clock));
    CHECK(refusalOf(*platform, "0123456789ABCDEF") == Reason::upstream_untrusted);
}

TEST_CASE_METHOD(VerifierFixture, "a code that was taken on trust is verified when its record arrives") {
    const auto good = backOffice->tokens().issue("64A000000001");
    const auto spent = backOffice->tokens().issue("64A000000002");
    const auto late = backOffice->tokens().issue("64A000000003");
    const auto unanswered = question();
    REQUIRE(verifier()->verify(code(spent), question()));
    REQUIRE(verifier()->verify(code(late), unanswered)); // to the platform it was answered
    const auto defer = [&](const nlohmann::json& deferred) {
        const nlohmann::json payload{{"medium", "electronic_card_code"}, {"deferred", deferred}};
        REQUIRE(store->append({offline_store::RecordClass::money, "bus.ride", toBytes(payload.dump()), {}}));
    };
    defer({{"token", good}});
    defer({{"token", good}}); // the same again
    defer({{"token", spent}});
    defer({{"token", spent}, {"request_id", toHex(question())}});
    defer({{"token", late}, {"request_id", toHex(unanswered)}});
    defer({{"token", "0123456789ABCDEF"}});
    defer("no object");
    append(1);
    const auto upstream = https();
    const auto batch = leaseAll();
    REQUIRE(upstream->deliver(batch, {}));
    REQUIRE(upstream->deliver(batch, {})); // an answer may be lost: nothing changes
    std::vector<std::optional<bool>> holds;
    for (const auto& row : backOffice->rows())
        holds.push_back(row.deferredCodeHolds);
    CHECK(holds ==
          std::vector<std::optional<bool>>{true, false, false, false, true, false, false, std::nullopt});
    CHECK(refusalOf(*verifier(), good) == Reason::code_not_valid); // used by its record
}
