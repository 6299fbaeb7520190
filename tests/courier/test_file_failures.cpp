// Bulletins' files that do not come, come wrong, or come beside what hangs.
#include "fetcher_fixture.h"
#include "passing_upstream.h"

using namespace ykt;
using namespace ykt::firmware::courier;

TEST_CASE_METHOD(FetcherFixture, "an endless file fills no disk, and an empty part is no progress") {
    REQUIRE(fetch());
    shelf.part = [](std::uint64_t, std::size_t most) -> Part { return Bytes(most + 1); };
    CHECK(proceed());
    wait();
    shelf.part = [](std::uint64_t, std::size_t) -> Part { return Bytes(); };
    CHECK(proceed());
    CHECK(shelf.parts == std::vector<std::uint64_t>{0, 0});
    CHECK(partSize() == 0);
    wait();
    shelf.part = [](std::uint64_t, std::size_t most) -> Part { return Bytes(most); };
    fetchAll();
    CHECK(shelf.parts.size() <= 9); // and no more than the bulletin says
    CHECK(refusals() == std::vector<std::string>{"bulletin_incomplete"});
    CHECK(partSize() == 0);
}

TEST_CASE_METHOD(FetcherFixture, "a file that the back office does not have is reported, and others go on") {
    shelf.part = [](std::uint64_t, std::size_t) -> Part {
        auto missing = broken(Reason::upstream_rejected);
        missing.value().isMissing = true;
        return missing;
    };
    fetchAll();
    CHECK_FALSE(fetcher->isUnderWay());
    CHECK(refusals() == std::vector<std::string>{"bulletin_incomplete"});
}

TEST_CASE_METHOD(FetcherFixture, "a back office that fails meanwhile is not one that has no file") {
    shelf.part = [](std::uint64_t, std::size_t) -> Part { return broken(Reason::upstream_rejected); };
    CHECK(fetch());
    CHECK(proceed());
    CHECK(fetcher->isUnderWay());
    CHECK(refusals().empty());
    SECTION("and may come back") {
        shelf.part = {};
        wait();
        fetchAll();
        CHECK(installed == 1);
    }
    SECTION("until it has done so for a while") {
        for (int time = 0; time < BulletinFetcher::mostFailures - 1; ++time) {
            CHECK(fetcher->isUnderWay());
            wait();
            CHECK(proceed());
        }
        CHECK_FALSE(fetcher->isUnderWay());
        CHECK(refusals() == std::vector<std::string>{"bulletin_incomplete"});
        wait();
        CHECK(fetch());
        CHECK_FALSE(fetcher->isUnderWay()); // not every minute for ever
    }
}

TEST_CASE_METHOD(FetcherFixture, "kinds that hang keep neither a file nor the status from its turn") {
    struct Hanging : PassingUpstream {
        Hanging(Upstream& real, hal::ManualClock& theClock) : PassingUpstream(real), clock(theClock) {}
        tl::expected<std::optional<Bytes>, UpstreamError>
        fetchBulletin(std::string_view kind, std::uint64_t above, std::stop_token stop) override {
            if (kind == "revocation")
                return PassingUpstream::fetchBulletin(kind, above, std::move(stop));
            clock.advance(Milliseconds{15'000});
            return broken(Reason::upstream_timeout);
        }
        tl::expected<void, UpstreamError> reportStatus(const std::string&, std::stop_token) override {
            ++statuses;
            return {};
        }
        hal::ManualClock& clock;
        int statuses = 0;
    };
    Hanging upstream(shelf, clock);
    std::stop_source stop;
    CourierSettings settings;
    settings.roundEnded = [&, rounds = 0](const auto&) mutable {
        if (++rounds == 40)
            stop.request_stop();
    };
    Courier courier(*store, upstream, clock, publisher.publicKey(), settings);
    courier.run(stop.get_token(), [&](std::string_view) { ++installed; });
    CHECK(installed == 1);
    CHECK(upstream.statuses > 0);
}

TEST_CASE_METHOD(FetcherFixture, "a signed file that is not sorted is malformed") {
    std::rotate(shelf.file.begin(), shelf.file.begin() + 16, shelf.file.end());
    shelf.bulletin = bulletin(1, fileBody(shelf.file));
    fetchAll();
    CHECK(refusals() == std::vector<std::string>{"bulletin_malformed"});
    CHECK(store->isRevoked(numberedKey(1)).error() == Reason::look_up_failed);
}

TEST_CASE_METHOD(FetcherFixture, "nothing is fetched for a bulletin that could not be installed") {
    shelf.bulletin = *publisher.publish("revocation", 1, clock.now().wall - std::chrono::hours{2},
                                        clock.now().wall - std::chrono::hours{1}, fileBody(shelf.file));
    fetchAll();
    CHECK(shelf.parts.empty());
    CHECK(refusals() == std::vector<std::string>{"bulletin_out_of_date"});
}
