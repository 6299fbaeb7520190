// What the back office believes left which purse.
#include "fixture.h"

#include "firmware/courier/https_upstream.h"

using namespace ykt;
using namespace ykt::firmware::courier;
using nlohmann::json;
using State = sim::PurseLine::State;
using Verdict = DeliveryReceipt::Verdict;

namespace {

constexpr auto serial = "0000000000000042";

struct PurseFixture : Fixture {
    PurseFixture() {
        backOffice.reset();
        sim::BackOfficeOptions options;
        options.ledgerFile = folder.path() / "ledger.db";
        options.caPem = pki.caPem();
        options.identity = *pki.serverIdentity();
        // A card whose code is its counter's terminal sequence, turned round.
        options.tacIsRight = [](const sim::PurchaseClaim& claim) -> Result<bool> {
            return std::equal(claim.tac.begin(), claim.tac.end(), claim.terminalSequence.rbegin());
        };
        backOffice = std::move(*sim::BackOffice::start(std::move(options), clock));
        upstream = https();
    }

    static json purse(unsigned counter, const std::string& terminalSequence) {
        return {{"serial", serial},           {"issuer", "09996401ffffffff"},
                {"amount_fen", 200},          {"type", 9},
                {"terminal", "649999000001"}, {"terminal_sequence", terminalSequence},
                {"time", "20261124120000"},   {"counter", counter}};
    }
    static json settled(unsigned counter, const std::string& terminalSequence) {
        auto object = purse(counter, terminalSequence);
        auto bytes = fromHex(terminalSequence).value();
        std::reverse(bytes.begin(), bytes.end());
        object["debited"] = true;
        object["evidence"] = "answer";
        object["tac"] = toHex(bytes);
        return object;
    }
    static json notMade(unsigned counter, const std::string& terminalSequence) {
        auto object = purse(counter, terminalSequence);
        object["debited"] = false;
        return object;
    }

    // Writes a record and delivers it; twice, as an answer may be lost.
    std::pair<Verdict, std::string> tell(const std::string& kind, const json& object) {
        using offline_store::RecordClass;
        REQUIRE(store->append({RecordClass::money, kind, toBytes(json{{"purse", object}}.dump()), {}}));
        const auto batch = store->lease(1, 1'000'000, Milliseconds{60'000});
        REQUIRE(batch);
        REQUIRE(batch->size() == 1);
        const auto first = upstream->deliver(*batch, {});
        const auto second = upstream->deliver(*batch, {});
        REQUIRE(first);
        REQUIRE(second);
        CHECK(first->front().verdict == second->front().verdict);
        CHECK(first->front().note == second->front().note);
        return {first->front().verdict, first->front().note};
    }
    [[nodiscard]] std::vector<sim::PurseLine> lines() const { return backOffice->purseLines(); }

    std::unique_ptr<HttpsUpstream> upstream;
};

} // namespace

TEST_CASE_METHOD(PurseFixture, "a ride with the card's code left the purse once, however often it is told") {
    CHECK(tell("bus.ride", settled(7, "00000001")).first == Verdict::settled);
    CHECK(tell("bus.ride", settled(8, "00000002")).first == Verdict::settled);
    CHECK(lines() == std::vector<sim::PurseLine>{{serial, 7, 200, State::settled, true},
                                                 {serial, 8, 200, State::settled, true}});
    REQUIRE(backOffice->rows().size() == 2);
    CHECK(backOffice->rows()[0].purse == lines()[0]);
}

TEST_CASE_METHOD(PurseFixture, "a wrong or missing code is not believed") {
    auto wrong = settled(7, "00000001");
    wrong["tac"] = "00000000";
    CHECK(tell("bus.ride", wrong) == std::pair(Verdict::rejected, std::string("TAC is wrong")));
    wrong.erase("tac");
    CHECK(tell("bus.ride", wrong) == std::pair(Verdict::rejected, std::string("TAC is missing")));
    CHECK(lines().empty());
    CHECK(backOffice->rows().empty());
    wrong["evidence"] = "log"; // the card's log and counter come without one
    CHECK(tell("bus.ride", wrong).first == Verdict::settled);
    CHECK(lines() == std::vector<sim::PurseLine>{{serial, 7, 200, State::settled, false}});
}

TEST_CASE_METHOD(PurseFixture, "a torn debit is unresolved until it is settled, either way") {
    CHECK(tell("debit_unresolved", purse(7, "00000001")).first == Verdict::settled);
    CHECK(lines() == std::vector<sim::PurseLine>{{serial, 7, 200, State::unresolved, false}});
    SECTION("made") {
        CHECK(tell("debit_settled", settled(7, "00000001")).first == Verdict::settled);
        CHECK(lines() == std::vector<sim::PurseLine>{{serial, 7, 200, State::settled, true}});
        CHECK(tell("debit_unresolved", purse(7, "00000001")).first == Verdict::settled);
        CHECK(lines().front().state == State::settled);
        CHECK(tell("debit_settled", notMade(7, "00000001")).first == Verdict::rejected);
    }
    SECTION("not made") {
        CHECK(tell("debit_settled", notMade(7, "00000001")).first == Verdict::settled);
        CHECK(lines() == std::vector<sim::PurseLine>{{serial, 7, 200, State::not_debited, false}});
    }
}

TEST_CASE_METHOD(PurseFixture, "of two attempts with one counter one at most was made") {
    CHECK(tell("debit_unresolved", purse(7, "00000001")).first == Verdict::settled);
    CHECK(tell("bus.ride", settled(7, "00000002")).first == Verdict::settled);
    CHECK(lines() == std::vector<sim::PurseLine>{{serial, 7, 200, State::settled, true}});
    CHECK(tell("debit_settled", settled(7, "00000001")) ==
          std::pair(Verdict::rejected, std::string("another debit has this counter")));
    CHECK(tell("debit_settled", notMade(7, "00000001")).first == Verdict::settled);
    CHECK(lines().size() == 1);
    CHECK(lines().front().state == State::settled);
}

TEST_CASE_METHOD(PurseFixture, "one debit in two records is found out") {
    CHECK(tell("bus.ride", settled(7, "00000001")).first == Verdict::settled);
    CHECK(tell("bus.ride", settled(7, "00000001")) ==
          std::pair(Verdict::rejected, std::string("the debit was settled by another record")));
}

TEST_CASE_METHOD(PurseFixture, "a purse that is not as documented is rejected") {
    for (const auto* field : {"serial", "issuer", "amount_fen", "type", "terminal", "terminal_sequence",
                              "time", "counter", "debited"}) {
        INFO(field);
        auto object = settled(7, "00000001");
        object.erase(field);
        CHECK(tell("bus.ride", object).first == Verdict::rejected);
        object[field] = "zz";
        CHECK(tell("bus.ride", object).first == Verdict::rejected);
    }
    CHECK(tell("bus.ride", 7).first == Verdict::rejected);
    CHECK(lines().empty());
}

TEST_CASE_METHOD(PurseFixture, "the purse book outlives the back office") {
    CHECK(tell("bus.ride", settled(7, "00000001")).first == Verdict::settled);
    const auto before = lines();
    backOffice.reset();
    sim::BackOfficeOptions options;
    options.ledgerFile = folder.path() / "ledger.db";
    options.caPem = pki.caPem();
    options.identity = *pki.serverIdentity();
    backOffice = std::move(*sim::BackOffice::start(std::move(options), clock));
    CHECK(lines() == before);
}
