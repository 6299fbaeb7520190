// Records that a back office does not take, among those that it does.
#include "fixture.h"
#include "passing_upstream.h"

#include "tests/firmware/captured_log.h"

#include <cmath>

using namespace ykt;
using namespace ykt::firmware::courier;
using offline_store::DeliveryState;
using offline_store::RecordClass;

TEST_CASE_METHOD(Fixture,
                 "a record that spoils its batch becomes a dead letter alone, and the others go on") {
    backOffice->choke("poison");
    const auto upstream = https();
    append(64);
    append(37);
    append(1, "poison");
    append(26);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return counts().acknowledged == 127 && counts().dead == 1; }));
    const auto dead = store->list(102, 1)->front();
    CHECK(dead.state == DeliveryState::dead);
    CHECK(dead.note == "refused: HTTP 400");
    CHECK(store->read(102)); // kept
    CHECK(backOffice->rows().size() == 127);
    // 64 alone, then 64 with one refused: that, 6 more refusals, and as many halves that went; the rest.
    CHECK(backOffice->requests() <= 16);
}

TEST_CASE_METHOD(Fixture,
                 "poison at the head of the queue waits until the back office is seen to take others") {
    quick.deferral = Milliseconds{200};
    backOffice->choke("poison");
    const auto upstream = https();
    append(1, "poison");
    {
        RunningCourier alone(*this, *upstream);
        REQUIRE(eventually([&] { return backOffice->requests() >= 3; }));
    }
    CHECK(counts().dead == 0); // for all that is known the back office refuses everything
    append(5);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return counts().acknowledged == 5 && counts().dead == 1; }));
    CHECK(store->list(1, 1)->front().state == DeliveryState::dead);
}

TEST_CASE_METHOD(Fixture, "a back office that refuses everything buries nothing") {
    const unsigned status = GENERATE(400U, 401U, 403U, 404U, 413U, 422U, 500U);
    CAPTURE(status);
    quick.deferral = Milliseconds{20};
    backOffice->refuseTransactions(status);
    const auto upstream = https();
    append(6);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return backOffice->requests() >= 12; }));
    CHECK(counts().dead == 0);
    CHECK(running.courier.link() == Courier::Link::online); // it does answer
    backOffice->refuseTransactions(0);
    REQUIRE(eventually([&] { return allAcknowledged(6); }));
    CHECK(backOffice->audit().empty());
}

TEST_CASE_METHOD(Fixture, "a failure that goes on is told once") {
    const test::CapturedLog log;
    backOffice->refuseTransactions(403);
    const auto upstream = https();
    append(1);
    {
        RunningCourier running(*this, *upstream);
        REQUIRE(eventually([&] { return backOffice->requests() >= 5; }));
        backOffice->refuseTransactions(0);
        REQUIRE(eventually([&] { return allAcknowledged(1); }));
        backOffice->refuseTransactions(403);
        append(1);
        running.courier.wake();
        REQUIRE(eventually([&] { return backOffice->requests() >= 9; }));
    }
    const auto text = log.text();
    std::size_t told = 0;
    for (auto at = text.find("HTTP 403"); at != std::string::npos; at = text.find("HTTP 403", at + 1))
        ++told;
    CHECK(told == 2); // once for each time
}

TEST_CASE_METHOD(Fixture, "records that are not money wait for company, until the oldest is old enough") {
    quick.batchAge = Milliseconds{60'000};
    const auto upstream = https();
    RunningCourier running(*this, *upstream);
    REQUIRE(store->append({RecordClass::access, "entry", toBytes("{}"), {}}));
    running.courier.wake();
    REQUIRE(eventually([&] { return !backOffice->lastStatus(terminalName).empty(); }));
    CHECK(backOffice->requests() == 0);
    SECTION("money goes at once and takes them along") {
        append(1);
        running.courier.wake();
        REQUIRE(eventually([&] { return allAcknowledged(2); }));
        CHECK(backOffice->requests() == 1);
    }
    SECTION("a full batch goes at once") {
        for (int i = 0; i < 63; ++i)
            REQUIRE(store->append({RecordClass::access, "entry", toBytes("{}"), {}}));
        running.courier.wake();
        REQUIRE(eventually([&] { return allAcknowledged(64); }));
        CHECK(backOffice->requests() == 1);
    }
    SECTION("a large one too") {
        REQUIRE(store->append({RecordClass::access, "entry", Bytes(quick.batchBytes / 2, ' '), {}}));
        running.courier.wake();
        REQUIRE(eventually([&] { return allAcknowledged(2); }));
    }
}

TEST_CASE_METHOD(Fixture, "the wait for company ends by itself") {
    quick.batchAge = Milliseconds{300};
    const auto upstream = https();
    RunningCourier running(*this, *upstream);
    const auto before = clock.now().monotonic;
    REQUIRE(store->append({RecordClass::telemetry, "uptime", toBytes("{}"), {}}));
    running.courier.wake();
    REQUIRE(eventually([&] { return allAcknowledged(1); }));
    CHECK(clock.now().monotonic - before >= Milliseconds{300});
    CHECK(store->list(1, 1)->front().attempts == 1); // waiting is no attempt
}

TEST_CASE_METHOD(Fixture, "a batch that the network cannot carry in time comes again in halves") {
    struct SlowNetwork : PassingUpstream {
        using PassingUpstream::PassingUpstream;
        tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
        deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) override {
            if (batch.size() > 5)
                return tl::unexpected<UpstreamError>(UpstreamError{{Reason::upstream_timeout, {}}, {}, true});
            return inner.deliver(batch, std::move(stop));
        }
    };
    quick.longestBackoff = Milliseconds{20};
    const auto real = https();
    SlowNetwork upstream(*real);
    append(40);
    RunningCourier running(*this, upstream);
    REQUIRE(eventually([&] { return allAcknowledged(40); }));
}

TEST_CASE_METHOD(Fixture, "a record that is too large to be sent counts no attempt") {
    struct Local : PassingUpstream {
        using PassingUpstream::PassingUpstream;
        tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
        deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) override {
            for (const auto& record : batch)
                if (record.payload.size() > 5'000) {
                    ++refused;
                    return tl::unexpected(UpstreamError{{Reason::batch_too_large, "6000 bytes"}, {}, false});
                }
            return inner.deliver(batch, std::move(stop));
        }
        std::atomic<int> refused{0};
    };
    const auto real = https();
    Local upstream(*real);
    REQUIRE(store->append({RecordClass::money, "ride", Bytes(6'000, ' '), {}}));
    {
        RunningCourier alone(*this, upstream);
        REQUIRE(eventually([&] { return upstream.refused >= 2; }));
    }
    CHECK(store->list(1, 1)->front().attempts == 0); // it waits
    append(5);
    RunningCourier running(*this, upstream);
    REQUIRE(eventually([&] { return counts().acknowledged == 5 && counts().dead == 1; }));
    CHECK(store->list(1, 1)->front().attempts == 0); // a dead letter
    CHECK(store->list(2, 1)->front().attempts == 1);
}
