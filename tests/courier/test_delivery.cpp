#include "fixture.h"
#include "passing_upstream.h"

#include <set>

using namespace ykt;
using namespace ykt::firmware::courier;
using offline_store::DeliveryState;
using offline_store::RecordClass;

TEST_CASE_METHOD(Fixture, "what is appended arrives, and the receipt is kept with the record") {
    const auto upstream = https();
    RunningCourier running(*this, *upstream);
    REQUIRE(store->append({RecordClass::money, "ride", toBytes(R"({"fare":100})"), {}}));
    REQUIRE(store->append({RecordClass::access, "entry", toBytes(R"({"door":"甲"})"), {}}));
    running.courier.wake();
    REQUIRE(eventually([&] { return allAcknowledged(2); }));

    const auto rows = backOffice->rows();
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].terminal == terminalName);
    CHECK(rows[1].epoch == 1);
    CHECK(rows[1].sequence == 2);
    CHECK(rows[1].recordClass == "access");
    CHECK(rows[1].kind == "entry");
    CHECK(rows[1].payload == R"({"door":"甲"})");
    CHECK(rows[1].wall == store->read(2)->written.wall);
    CHECK(store->list(2, 1)->front().note == rows[1].receipt);
    CHECK(store->list(2, 1)->front().attempts == 1);
    CHECK(backOffice->audit().empty());
    CHECK(running.courier.link() == Courier::Link::online);
    CHECK_FALSE(running.courier.lastError());
}

TEST_CASE_METHOD(Fixture, "records of an outage leave when it is over") {
    const auto upstream = https();
    REQUIRE(backOffice->setReachable(false));
    RunningCourier running(*this, *upstream);
    append(120);
    running.courier.wake();
    REQUIRE(eventually([&] { return running.courier.link() == Courier::Link::offline; }));
    REQUIRE(eventually([&] { return running.courier.lastError().has_value(); })); // told when the round ends
    CHECK(running.courier.lastError()->reason == Reason::unreachable);
    CHECK(backOffice->rows().empty());

    REQUIRE(backOffice->setReachable(true));
    REQUIRE(eventually([&] { return allAcknowledged(120); }));
    CHECK(running.courier.link() == Courier::Link::online);
    CHECK(backOffice->rows().size() == 120);
    CHECK(store->list(1, 1)->front().attempts == 1); // what never left was no attempt

    REQUIRE(backOffice->setReachable(false)); // and once more, now with a connection that was kept
    append(3);
    running.courier.wake();
    REQUIRE(eventually([&] { return running.courier.link() == Courier::Link::offline; }));
    REQUIRE(backOffice->setReachable(true));
    REQUIRE(eventually([&] { return allAcknowledged(123); }));
    CHECK(backOffice->audit().empty());
}

TEST_CASE_METHOD(Fixture, "of 300 records with every third answer lost each is settled exactly once") {
    backOffice->dropEveryNthAnswer(3);
    quick.batchRecords = 7;
    quick.firstBackoff = quick.longestBackoff = Milliseconds{5};
    const auto upstream = https();
    append(300);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return allAcknowledged(300); }, Milliseconds{60'000}));

    const auto rows = backOffice->rows();
    std::set<std::uint64_t> sequences;
    std::set<std::string> receipts;
    for (const auto& row : rows) {
        sequences.insert(row.sequence);
        receipts.insert(row.receipt);
    }
    CHECK(rows.size() == 300);
    CHECK(sequences.size() == 300);
    CHECK(receipts.size() == 300);
    CHECK(backOffice->requests() > 43); // 300 / 7: some were sent more than once
    CHECK(backOffice->audit().empty());
    const auto records = *store->list(1, 300);
    for (const auto& record : records)
        REQUIRE(receipts.contains(record.note));
}

TEST_CASE_METHOD(Fixture,
                 "a batch that is too large is halved, and a record that is too large alone is set aside") {
    backOffice->setLargestRequest(4'000);
    const auto upstream = https();
    append(20);
    REQUIRE(store->append({RecordClass::money, "ride", Bytes(8'000, ' '), {}}));
    append(20);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return counts().acknowledged == 40; }));
    REQUIRE(eventually([&] { return counts().dead == 1; }));
    CHECK(store->list(21, 1)->front().state == DeliveryState::dead);
    CHECK(backOffice->rows().size() == 40);
    CHECK(backOffice->audit() == std::vector<std::string>{"NX-BUS-0001-1-21 is missing"});
}

TEST_CASE_METHOD(Fixture, "Retry-After is obeyed within its bound") {
    quick.longestRetryAfter = Milliseconds{400};
    backOffice->answerBusy(3600);
    const auto upstream = https();
    append(1);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return backOffice->requests() == 1; }));
    backOffice->answerBusy(0);
    const auto asked = clock.now().monotonic;
    REQUIRE(eventually([&] { return allAcknowledged(1); }));
    const auto waited = clock.now().monotonic - asked;
    CHECK(waited > Milliseconds{300});
    CHECK(waited < Milliseconds{5'000});
    CHECK(backOffice->requests() == 2);
    CHECK(store->list(1, 1)->front().attempts == 2);
}

TEST_CASE_METHOD(Fixture, "a rejected record becomes a dead letter and the others go on") {
    backOffice->rejectKind("odd");
    const auto upstream = https();
    append(3);
    append(1, "odd");
    append(3);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return counts().acknowledged == 6 && counts().dead == 1; }));
    const auto dead = store->list(4, 1)->front();
    CHECK(dead.state == DeliveryState::dead);
    CHECK(dead.note == "rejected: this kind is not accepted");
    CHECK(store->read(4));
    CHECK(backOffice->rows().size() == 6);
}

TEST_CASE_METHOD(Fixture, "a back office that lies changes nothing") {
    static const std::vector<std::string> lies{
        "not JSON",
        "{}",
        "[]",
        R"({"receipts":7})",
        R"({"receipts":[7]})",
        R"({"receipts":[{"sequence":1,"verdict":"settled"}]})",
        R"({"receipts":[{"sequence":-1,"verdict":"settled","note":""}]})",
        R"({"receipts":[{"sequence":1,"verdict":"paid","note":""}]})",
        R"({"receipts":[{"sequence":99,"verdict":"settled","note":"R"}]})",
        R"({"receipts":[{"sequence":1,"verdict":"settled","note":"R"},{"sequence":99,"verdict":"settled","note":"R"}]})",
        R"({"receipts":[{"sequence":1,"verdict":"settled","note":"R"},{"sequence":1,"verdict":"rejected","note":"R"}]})",
        R"({"receipts":[{"sequence":1,"verdict":"settled","note":")" + std::string(201, 'n') + R"("}]})",
        R"({"receipts":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}",
        R"({"receipts":[{"note":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}]}",
        R"({"receipts":[{"sequence":1,"verdict":"settled","note":"R"})"};
    const auto& lie = lies.at(GENERATE(range(std::size_t{0}, lies.size())));
    CAPTURE(lie.substr(0, 80), lie.size());
    backOffice->answerWith(lie);
    const auto upstream = https();
    append(2);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return backOffice->requests() >= 2; }));
    REQUIRE(eventually([&] {
        const auto error = running.courier.lastError();
        return error && error->reason == Reason::reply_malformed;
    }));
    CHECK(counts().acknowledged == 0);
    CHECK(counts().dead == 0);
    backOffice->answerWith({});
    REQUIRE(eventually([&] { return allAcknowledged(2); }));
}

TEST_CASE_METHOD(
    Fixture, "an answer without receipts for some records, or that wants them later, lets the rest go on") {
    backOffice->answerWith(R"({"receipts":[{"sequence":1,"verdict":"settled","note":"R-7"},)"
                           R"({"sequence":2,"verdict":"retry","note":""}]})");
    quick.deferral = Milliseconds{60'000};
    const auto upstream = https();
    append(3);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return allAcknowledged(1); }));
    REQUIRE(eventually([&] { return store->list(3, 1)->front().attempts == 1; }));
    CHECK(store->list(2, 1)->front().attempts == 1);
    backOffice->answerWith({});
    append(1);
    running.courier.wake();
    REQUIRE(eventually([&] { return allAcknowledged(2); })); // 1 and 4; 2 and 3 wait
    CHECK(counts().leased == 2);
}

TEST_CASE_METHOD(Fixture, "bulletins are fetched, installed, and confirmed") {
    backOffice->offer("catalogue", 4, bulletin("catalogue", 4));
    const auto upstream = https();
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return !running.installedKinds().empty(); }));
    CHECK((*store->bulletin("catalogue"))->version == 4);
    CHECK(running.courier.lastConfirmed("catalogue"));
    CHECK_FALSE(running.courier.lastConfirmed("weather"));
    REQUIRE(eventually([&] { return running.courier.lastConfirmed("revocation").has_value(); })); // 204

    backOffice->offer("catalogue", 5, bulletin("catalogue", 5));
    REQUIRE(eventually([&] { return (*store->bulletin("catalogue"))->version == 5; }));
    const auto confirmed = running.courier.lastConfirmed("catalogue");
    REQUIRE(eventually([&] { return running.courier.lastConfirmed("catalogue") > confirmed; }));
    CHECK(running.installedKinds() == std::vector<std::string>{"catalogue", "catalogue"});
}

TEST_CASE_METHOD(Fixture, "a bulletin that may not be installed is reported once and not installed") {
    const std::string reason = GENERATE("", "bulletin_untrusted", "another kind", "bulletin_malformed",
                                        "bulletin_out_of_date", "bulletin_not_newer");
    const auto now = clock.now().wall;
    const auto hour = std::chrono::hours{1};
    Bytes offered = bulletin("catalogue", 9);
    if (reason == "bulletin_untrusted")
        offered = *sim::BulletinPublisher::create()->publish("catalogue", 9, now - hour, now + hour, "{}");
    if (reason == "another kind")
        offered = bulletin("trust_anchors", 9, R"({"ca_keys":[]})");
    if (reason == "bulletin_malformed")
        offered = toBytes("garbage");
    if (reason == "bulletin_out_of_date")
        offered = *publisher.publish("catalogue", 9, now - 2 * hour, now - hour, "{}");
    if (reason == "bulletin_not_newer")
        offered = bulletin("catalogue", 2);
    REQUIRE(store->install(bulletin("catalogue", 3), publisher.publicKey()));
    backOffice->offer("catalogue", 9, offered);
    const auto upstream = https();
    RunningCourier running(*this, *upstream);
    if (reason.empty()) {
        REQUIRE(eventually([&] { return (*store->bulletin("catalogue"))->version == 9; }));
        CHECK(store->list(1, 9)->empty());
        return;
    }
    REQUIRE(eventually([&] { return allAcknowledged(1); }));
    const auto confirmed = running.courier.lastConfirmed("revocation");
    REQUIRE(
        eventually([&] { return running.courier.lastConfirmed("revocation") > confirmed; })); // a round later
    CHECK((*store->bulletin("catalogue"))->version == 3);
    CHECK_FALSE(*store->bulletin("trust_anchors"));
    CHECK_FALSE(running.courier.lastConfirmed("catalogue"));
    CHECK(running.installedKinds().empty());
    const auto rows = backOffice->rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].recordClass == "security_event");
    CHECK(rows[0].kind == "bulletin_refused");
    CHECK(nlohmann::json::parse(rows[0].payload) ==
          nlohmann::json{{"kind", "catalogue"},
                         {"reason", reason == "another kind" ? "bulletin_malformed" : reason}});
}

TEST_CASE_METHOD(Fixture, "a signed bulletin that its reader cannot use does not displace the one in force") {
    quick.admits = [](const offline_store::Bulletin& bulletin) {
        return bulletin.version == 4 ? Result<void>{} : fail(Reason::bulletin_malformed, "services");
    };
    REQUIRE(store->install(bulletin("catalogue", 4), publisher.publicKey()));
    backOffice->offer("catalogue", 5, bulletin("catalogue", 5));
    const auto upstream = https();
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return allAcknowledged(1); }));
    CHECK(backOffice->rows().at(0).kind == "bulletin_refused");
    CHECK((*store->bulletin("catalogue"))->version == 4);
    CHECK(running.installedKinds().empty());
}

TEST_CASE_METHOD(Fixture, "bulletins that cannot be had do not hold up the records") {
    struct OnlyDelivers : PassingUpstream {
        using PassingUpstream::PassingUpstream;
        tl::expected<std::optional<Bytes>, UpstreamError> fetchBulletin(std::string_view, std::uint64_t,
                                                                        std::stop_token) override {
            return tl::unexpected<UpstreamError>(UpstreamError{{Reason::upstream_busy, {}}, {}, true});
        }
    };
    const auto real = https();
    OnlyDelivers upstream(*real);
    append(3);
    RunningCourier running(*this, upstream);
    REQUIRE(eventually([&] { return allAcknowledged(3); }));
}
