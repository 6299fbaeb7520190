// The issuer's HSM behind the back office.
#include "fixture.h"

#include "apdu/social_security/card.h"
#include "firmware/courier/remote_hsm.h"
#include "sim/cards/card_issuer.h"

#include <future>

using namespace ykt;
using namespace ykt::firmware::courier;
using namespace ykt::apdu::social_security;

namespace {

constexpr Milliseconds second{1'000};

class CardConnection : public hal::CardConnection {
  public:
    explicit CardConnection(std::shared_ptr<sim::CardSoftware> card) : card_(std::move(card)) {
        card_->reset();
    }
    [[nodiscard]] Bytes atr() const override { return card_->atr(); }
    Result<Bytes> transmit(ByteView command) override { return card_->answer(command).value(); }
    Result<void> reset() override { return {}; }
    Result<void> beginExclusive() override { return {}; }
    void endExclusive() override {}

  private:
    std::shared_ptr<sim::CardSoftware> card_;
};

struct HsmFixture : Fixture {
    HsmFixture() : issuer(sim::CardIssuer::create().value()) { restart(true); }

    void restart(bool withHsm) {
        backOffice.reset();
        sim::BackOfficeOptions options;
        options.ledgerFile = folder.path() / "ledger.db";
        options.caPem = pki.caPem();
        options.identity = *pki.serverIdentity();
        if (withHsm)
            options.prove = [this](const ProofRequest& request) { return issuer.prove(request); };
        backOffice = std::move(*sim::BackOffice::start(std::move(options), clock));
    }
    [[nodiscard]] std::unique_ptr<RemoteHsm> hsm(Milliseconds timeout = 5 * second) const {
        return std::move(*RemoteHsm::create(httpsSettings(), timeout, clock));
    }
    [[nodiscard]] Result<CardEvidence> read(ProofSource& source, const sim::CardSpec& spec) {
        CardConnection connection(issuer.personalise(spec).value());
        apdu::Channel channel(connection);
        return SocialSecurityCard(channel, &source).read();
    }
    static sim::CardSpec person(Algorithm algorithm = Algorithm::sm4, Version version = Version::v3_0) {
        using namespace std::chrono;
        sim::CardSpec spec;
        spec.socialSecurityNumber = sim::simulatedNumber(year{1990} / 5 / 17, 12);
        spec.name = "马模拟";
        spec.algorithm = algorithm;
        spec.version = version;
        return spec;
    }
    static ProofRequest request() {
        ProofRequest about;
        about.cityCode = "640100";
        about.cardIdentifier = Bytes(16);
        about.terminal.emplace();
        return about;
    }
    [[nodiscard]] static Reason refusalOf(RemoteHsm& hsm) {
        const auto proofs = hsm.prove(request());
        REQUIRE_FALSE(proofs);
        return proofs.error().reason;
    }

    sim::CardIssuer issuer;
};

} // namespace

TEST_CASE_METHOD(HsmFixture, "a terminal without a SAM reads genuine cards by the HSM, one round trip each") {
    const auto algorithm = GENERATE(Algorithm::triple_des, Algorithm::sm4);
    const auto version = GENERATE(Version::v2_0, Version::v3_0);
    const auto source = hsm();
    for (std::uint64_t reading = 1; reading <= 2; ++reading) {
        const auto evidence = read(*source, person(algorithm, version));
        REQUIRE(evidence);
        CHECK(evidence->cardAuthenticated);
        CHECK(evidence->terminalAuthenticated == (version == Version::v3_0));
        CHECK(evidence->holder.has_value());
        CHECK(backOffice->hsmRequests() == reading);
    }
}

TEST_CASE_METHOD(HsmFixture, "a forged card fails by the HSM as it does by a SAM") {
    auto spec = person();
    spec.forged = true;
    CHECK(read(*hsm(), spec).error() == Reason::card_not_genuine);
}

TEST_CASE_METHOD(HsmFixture, "an HSM that cannot be reached, is slow, refuses or babbles is told apart") {
    const auto source = hsm(Milliseconds{400});
    SECTION("not reachable") {
        REQUIRE(backOffice->setReachable(false));
        CHECK(refusalOf(*source) == Reason::hsm_unreachable);
        REQUIRE(backOffice->setReachable(true));
        CHECK(source->prove(request()));
    }
    SECTION("behind a service that is down") {
        backOffice->refuseHsm(GENERATE(500U, 502U, 503U));
        CHECK(refusalOf(*source) == Reason::hsm_unreachable);
    }
    SECTION("slow") {
        backOffice->delayHsm(5 * second);
        const auto asked = clock.now().monotonic;
        CHECK(refusalOf(*source) == Reason::hsm_timeout);
        CHECK(clock.now().monotonic - asked < second);
    }
    SECTION("refusing") {
        backOffice->refuseHsm(GENERATE(400U, 403U, 404U));
        CHECK(refusalOf(*source) == Reason::hsm_refused);
    }
    SECTION("not there") {
        restart(false);
        CHECK(refusalOf(*hsm()) == Reason::hsm_refused);
    }
    SECTION("babbling") {
        const std::string deep(4'000, '[');
        const auto* body = GENERATE("[]", "{}", "null", R"({"internal":"0011223344556677"})",
                                    R"({"internal":"00","external":"0011223344556677"})",
                                    R"({"internal":7,"external":"0011223344556677"})", "{");
        backOffice->answerHsmWith(body);
        CHECK(refusalOf(*source) == Reason::hsm_refused);
        backOffice->answerHsmWith(deep);
        CHECK(refusalOf(*source) == Reason::hsm_refused);
        backOffice->answerHsmWith(deep + deep);
        CHECK(refusalOf(*source) == Reason::hsm_refused);
        backOffice->answerHsmWith({});
        CHECK(source->prove(request()));
    }
}

TEST_CASE_METHOD(HsmFixture, "neither side of the HSM takes a stranger's certificate") {
    auto settings = httpsSettings();
    SECTION("the terminal's") {
        settings.identity = *sim::Pki::create(clock.now().wall)->terminalIdentity(terminalName);
    }
    SECTION("the server's") {
        settings.caPem = sim::Pki::create(clock.now().wall)->caPem();
    }
    const auto stranger = std::move(*RemoteHsm::create(settings, 5 * second, clock));
    CHECK(refusalOf(*stranger) == Reason::hsm_refused);
}

TEST_CASE_METHOD(HsmFixture,
                 "lanes share the HSM, and a slow turn of one is within the limit of the others") {
    const auto source = hsm(Milliseconds{500});
    backOffice->delayHsm(5 * second);
    const auto asked = clock.now().monotonic;
    std::vector<std::future<Reason>> lanes;
    for (int i = 0; i < 3; ++i)
        lanes.push_back(std::async(std::launch::async, [&] {
            const auto proofs = source->prove(request());
            return proofs ? Reason::cancelled : proofs.error().reason;
        }));
    for (auto& lane : lanes)
        CHECK(lane.get() == Reason::hsm_timeout);
    CHECK(clock.now().monotonic - asked < second);
    backOffice->delayHsm(Milliseconds{0});
    CHECK(source->prove(request()));
}

TEST_CASE_METHOD(HsmFixture, "a stop ends the wait for the HSM within a second") {
    const auto source = hsm(30 * second);
    backOffice->delayHsm(30 * second);
    std::vector<std::future<Reason>> lanes;
    for (int i = 0; i < 2; ++i)
        lanes.push_back(
            std::async(std::launch::async, [&] { return source->prove(request()).error().reason; }));
    REQUIRE(eventually([&] { return backOffice->hsmRequests() == 1; }));
    const auto asked = clock.now().monotonic;
    source->stop();
    for (auto& lane : lanes)
        CHECK(lane.get() == Reason::cancelled);
    CHECK(clock.now().monotonic - asked < second);
    CHECK(refusalOf(*source) == Reason::cancelled);
}
