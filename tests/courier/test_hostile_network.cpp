// Whatever the network does, each record is in the ledger once.
#include "fixture.h"
#include "hostile_proxy.h"

#include <random>
#include <set>

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

struct ProxyFixture : Fixture {
    [[nodiscard]] std::unique_ptr<HttpsUpstream> through(HostileProxy& proxy, Milliseconds request) const {
        auto settings = httpsSettings();
        settings.port = proxy.port();
        settings.connectTimeout = request;
        settings.requestTimeout = request;
        return std::move(*HttpsUpstream::create(std::move(settings), clock));
    }
    // What one delivery over a connection of its own carries.
    HostileProxy::Carried honestDelivery() {
        HostileProxy proxy(backOffice->port());
        append(1);
        one = leaseAll();
        REQUIRE(through(proxy, Milliseconds{5'000})->deliver(one, {}));
        return proxy.carried();
    }
    std::vector<offline_store::Record> one; // which honestDelivery() took
    void checkLedger(std::size_t count) const {
        const auto rows = backOffice->rows();
        std::set<std::uint64_t> sequences;
        for (const auto& row : rows)
            sequences.insert(row.sequence);
        CHECK(rows.size() == count);
        CHECK(sequences.size() == count);
        CHECK(backOffice->audit().empty());
    }
};

} // namespace

TEST_CASE_METHOD(ProxyFixture,
                 "a connection that is cut after any byte, in either direction, loses and doubles nothing") {
    const auto whole = honestDelivery();
    const auto fault = GENERATE(HostileProxy::Fault::close, HostileProxy::Fault::reset);
    const auto way = GENERATE(HostileProxy::Way::up, HostileProxy::Way::down);
    const auto most = way == HostileProxy::Way::up ? whole.up : whole.down;
    HostileProxy proxy(backOffice->port());
    std::set<std::string> receipts;
    // One connection may be so much shorter than another (signatures, tickets): there each byte is tried, and
    // whether the answer has come before the cut is open.
    constexpr std::size_t varies = 64;
    for (std::size_t after = 0; after <= most; after += after + varies < most ? most / 40 + 1 : 1) {
        CAPTURE(static_cast<int>(fault), static_cast<int>(way), after, most);
        proxy.script({fault, way, after});
        const auto upstream = through(proxy, Milliseconds{5'000});
        const auto cut = upstream->deliver(one, {});
        if (after + varies < most)
            REQUIRE_FALSE(cut);
        if (cut)
            receipts.insert(cut->front().note);
        else
            CHECK(cut.error().error == Reason::unreachable);
        const auto again = upstream->deliver(one, {});
        REQUIRE(again);
        REQUIRE(again->size() == 1);
        receipts.insert(again->front().note);
    }
    CHECK(receipts.size() == 1);
    checkLedger(1);
}

TEST_CASE_METHOD(ProxyFixture, "a network that swallows or trickles is a time-out, in every state") {
    const auto whole = honestDelivery();
    const auto fault = GENERATE(HostileProxy::Fault::silence, HostileProxy::Fault::trickle);
    const auto way = GENERATE(HostileProxy::Way::up, HostileProxy::Way::down);
    const auto most = way == HostileProxy::Way::up ? whole.up : whole.down;
    const auto part = GENERATE(0U, 1U, 2U, 3U); // of four: in the handshake, ..., in request or answer
    HostileProxy proxy(backOffice->port());
    proxy.script({fault, way, most * part / 4});
    const auto upstream = through(proxy, Milliseconds{250});
    const auto asked = clock.now().monotonic;
    const auto delivered = upstream->deliver(one, {});
    CAPTURE(static_cast<int>(fault), static_cast<int>(way), part);
    REQUIRE_FALSE(delivered);
    CHECK(delivered.error().error == Reason::upstream_timeout);
    CHECK(clock.now().monotonic - asked < Milliseconds{2'500});
}

TEST_CASE_METHOD(ProxyFixture, "over a network of nothing but faults 300 records arrive, each once") {
    HostileProxy proxy(backOffice->port());
    std::mt19937 dice(20261129); // NOLINT(bugprone-random-generator-seed): the same faults each time
    using Fault = HostileProxy::Fault;
    for (int i = 0; i < 60; ++i)
        proxy.script({std::array{Fault::close, Fault::reset, Fault::silence, Fault::trickle}.at(dice() % 4),
                      dice() % 2 == 0 ? HostileProxy::Way::up : HostileProxy::Way::down, dice() % 9'000});
    quick.batchRecords = 8;
    quick.firstBackoff = quick.longestBackoff = Milliseconds{5};
    const auto upstream = through(proxy, Milliseconds{250});
    append(300);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return allAcknowledged(300); }, Milliseconds{60'000}));
    checkLedger(300);
    CHECK(proxy.connections() > 3);
}

TEST_CASE_METHOD(ProxyFixture,
                 "of 10,000 records with every third answer lost exactly 10,000 are in the ledger") {
    constexpr std::size_t count = 10'000;
    backOffice->dropEveryNthAnswer(3);
    quick.batchRecords = 100;
    quick.firstBackoff = quick.longestBackoff = Milliseconds{5};
    const auto upstream = https();
    {
        std::vector<std::jthread> lanes; // together they share flushes
        for (int lane = 0; lane < 16; ++lane)
            lanes.emplace_back([&] {
                for (std::size_t i = 0; i < count / 16; ++i)
                    static_cast<void>(
                        store->append({offline_store::RecordClass::money, "ride", toBytes("{}"), {}}));
            });
    }
    REQUIRE(store->last().sequence == count);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return allAcknowledged(count); }, Milliseconds{60'000}));
    CHECK(backOffice->requests() > count / 100 * 4 / 3); // some came more than once
    checkLedger(count);
}
