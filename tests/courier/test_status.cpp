// What the back office learns of how a terminal fares, and how soon a terminal learns how its link is.
#include "fixture.h"
#include "offline_store/database.h"
#include "passing_upstream.h"

using namespace ykt;
using namespace ykt::firmware::courier;

TEST_CASE_METHOD(Fixture, "the terminal tells how it fares, after the start and again and again") {
    quick.statusInterval = Milliseconds{200};
    quick.dataFolder = folder.path();
    quick.bulletinKinds = {"catalogue", "revocation"};
    backOffice->offer("catalogue", 4, bulletin("catalogue", 4));
    backOffice->rejectKind("odd");
    const auto upstream = https();
    append(2);
    append(1, "odd");
    RunningCourier running(*this, *upstream);
    const auto last = [&] {
        return nlohmann::json::parse(backOffice->lastStatus(terminalName), nullptr, false);
    };
    REQUIRE(eventually([&] {
        const auto status = last();
        return status.is_object() && status["records"]["dead"] == 1;
    }));
    const auto status = last();
    CHECK(status["terminal"] == terminalName);
    CHECK(status["epoch"] == 1);
    CHECK(status["last_sequence"] == 3);
    CHECK(status["boot"] == toHex(clock.now().boot));
    CHECK(status["version"].get<std::string>().find('.') != std::string::npos);
    CHECK(status["uptime_s"].is_number_unsigned());
    CHECK(status["records"] ==
          nlohmann::json{{"pending", 0}, {"leased", 0}, {"acknowledged", 2}, {"dead", 1}, {"salvaged", 0}});
    CHECK_FALSE(status.contains("replaced"));
    CHECK_FALSE(status.contains("store_error"));
    CHECK(status["locked"] == false);
    REQUIRE(status["lists"].size() == 2);
    CHECK(status["lists"][0]["kind"] == "catalogue");
    CHECK(status["lists"][0]["version"] == 4);
    CHECK(status["lists"][0]["confirmed_ms"].is_number());
    CHECK(status["lists"][1]["version"] == 0);
    CHECK(status["time"]["trust"] == nameOf(clock.now().trust));
    CHECK(status["free_bytes"] > 0);
}

TEST_CASE_METHOD(Fixture, "a store that cannot be written is told until a write succeeds") {
    quick.statusInterval = Milliseconds{20};
    const auto upstream = https();
    RunningCourier running(*this, *upstream);
    const auto told = [&]() -> std::string {
        const auto status = nlohmann::json::parse(backOffice->lastStatus(terminalName), nullptr, false);
        return status.is_object() ? status.value("store_error", "none") : "nothing yet";
    };
    offline_store::Connection other(storeFile(), SQLite::OPEN_READWRITE, 1000);
    other.exec("CREATE TRIGGER broken BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'broken'); END");
    const offline_store::Entry ride{offline_store::RecordClass::money, "ride", toBytes("{}"), {}};
    // The courier writes too, what the trigger does not touch.
    CHECK(eventually([&] { return !store->append(ride) && told() == "store_failed"; }));
    other.exec("DROP TRIGGER broken");
    REQUIRE(store->append(ride));
    CHECK(eventually([&] { return told() == "none"; }));
}

TEST_CASE_METHOD(Fixture, "how far the clock is off is told once the back office has told its time") {
    struct Behind : PassingUpstream {
        Behind(Upstream& real, const hal::Clock& theClock) : PassingUpstream(real), clock(theClock) {}
        [[nodiscard]] std::optional<ServerTime> serverTime() const override {
            const auto now = clock.now();
            return ServerTime{now.wall - Milliseconds{90'000}, now.monotonic};
        }
        const hal::Clock& clock;
    };
    const auto real = https();
    Behind upstream(*real, clock);
    RunningCourier running(*this, upstream);
    REQUIRE(eventually([&] { return !backOffice->lastStatus(terminalName).empty(); }));
    const auto status = nlohmann::json::parse(backOffice->lastStatus(terminalName));
    CHECK(status["time"]["ahead_ms"].get<int>() == Approx(90'000).margin(100));
}

TEST_CASE_METHOD(Fixture,
                 "a status that nobody takes holds up no record, and is sent when the link is back") {
    struct Refusing : PassingUpstream {
        using PassingUpstream::PassingUpstream;
        tl::expected<void, UpstreamError> reportStatus(const std::string& status,
                                                       std::stop_token stop) override {
            ++asked;
            if (const auto now = reason.load(); now != Reason::cancelled)
                return tl::unexpected<UpstreamError>(UpstreamError{{now, {}}, {}, true});
            return inner.reportStatus(status, std::move(stop));
        }
        std::atomic<Reason> reason{Reason::upstream_timeout};
        std::atomic<int> asked{0};
    };
    const auto real = https();
    Refusing upstream(*real);
    upstream.reason = GENERATE(Reason::upstream_timeout, Reason::upstream_rejected, Reason::upstream_busy);
    const bool offline = upstream.reason == Reason::upstream_timeout;
    append(3);
    RunningCourier running(*this, upstream);
    REQUIRE(eventually([&] { return allAcknowledged(3); }));
    REQUIRE(eventually([&] { return upstream.asked >= (offline ? 3 : 1); }));
    upstream.reason = Reason::cancelled;
    if (offline)
        REQUIRE(eventually([&] { return !backOffice->lastStatus(terminalName).empty(); }));
    else // not before the interval is over
        CHECK(upstream.asked == 1);
}

TEST_CASE_METHOD(Fixture, "the link is what the latest exchange found, whatever that was about") {
    struct Ends : PassingUpstream {
        using PassingUpstream::PassingUpstream;
        tl::expected<void, UpstreamError> reportStatus(const std::string&, std::stop_token) override {
            return tl::unexpected<UpstreamError>(UpstreamError{{reason, {}}, {}, false});
        }
        Reason reason = Reason::unreachable;
    };
    const auto real = https();
    Ends upstream(*real);
    LinkWatch watch(upstream);
    CHECK(watch.link() == Link::unknown);
    REQUIRE(watch.fetchBulletin("catalogue", 0, {}));
    CHECK(watch.link() == Link::online);
    CHECK_FALSE(watch.reportStatus("{}", {}));
    CHECK(watch.link() == Link::offline);
    append(1);
    REQUIRE(watch.deliver(leaseAll(), {}));
    CHECK(watch.link() == Link::online);
    upstream.reason = Reason::cancelled;
    CHECK_FALSE(watch.reportStatus("{}", {}));
    CHECK(watch.link() == Link::online); // a stop says nothing about it
}
