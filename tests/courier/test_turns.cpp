// What fails keeps nothing else from its turn: kinds of bulletins, their files, the status, the records.
#include "passing_upstream.h"
#include "played_server.h"

#include "firmware/courier/turn.h"
#include "fixture.h"

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

constexpr auto longest = [] { return std::numeric_limits<std::uint32_t>::max(); };

// Has nothing new, and fails as it is told.
struct Failing : Upstream {
    using Outcome = tl::expected<std::optional<Bytes>, UpstreamError>;
    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>&, std::stop_token) override {
        return tl::unexpected(UpstreamError{{Reason::unreachable, {}}});
    }
    Outcome fetchBulletin(std::string_view kind, std::uint64_t, std::stop_token) override {
        asked.emplace_back(kind);
        const auto failure = failures.find(std::string(kind));
        if (failure == failures.end())
            return std::nullopt;
        if (clock != nullptr && failure->second.error == Reason::upstream_timeout)
            clock->advance(Milliseconds{15'000});
        return tl::unexpected(failure->second);
    }
    tl::expected<Bytes, UpstreamError> fetchAttachment(const crypto::Digest&, std::uint64_t, std::size_t,
                                                       std::stop_token) override {
        return tl::unexpected(UpstreamError{{Reason::unreachable, {}}});
    }
    tl::expected<void, UpstreamError> reportStatus(const std::string&, std::stop_token) override {
        return {};
    }
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return std::nullopt; }

    std::map<std::string, UpstreamError> failures;
    std::vector<std::string> asked;
    hal::ManualClock* clock = nullptr; // goes on while nothing comes, if there is one
};

struct Kinds {
    // What is asked for now.
    std::vector<std::string> fetch() {
        upstream.asked.clear();
        const auto fetched = fetcher->fetch({}, [](std::string_view) {});
        CHECK(fetched.has_value() == !endsRoundExpected);
        return upstream.asked;
    }

    test::TemporaryFolder folder;
    hal::ManualClock clock{wallFromUnixSeconds(1'795'000'000)};
    sim::BulletinPublisher publisher = *sim::BulletinPublisher::create();
    std::unique_ptr<offline_store::Store> store = std::move(*offline_store::Store::open(
        {folder.path() / "store.db", terminalName, {}}, *crypto::randomSecret(32), clock));
    Failing upstream;
    std::optional<BulletinFetcher> fetcher{std::in_place,
                                           *store,
                                           upstream,
                                           clock,
                                           publisher.publicKey(),
                                           BulletinSettings{{"catalogue", "revocation", "directives"}}};
    bool endsRoundExpected = false;
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("what fails waits twice as long each time, no shorter than was asked, and then as at first again") {
    const BackoffLimits limits{Milliseconds{100}, Milliseconds{500}, Milliseconds{2'000}};
    const MonotonicTime start{};
    Turn turn(Milliseconds{100}, limits, start, longest);
    CHECK(turn.due() == start);
    const UpstreamError late{{Reason::upstream_timeout, {}}, {}, true};
    for (const int wait : {100, 200, 400, 500, 500}) {
        turn.failed(start, late);
        CHECK(turn.due() == start + Milliseconds{wait});
    }
    turn.failed(start, {{Reason::upstream_busy, {}}, Milliseconds{1'500}, true});
    CHECK(turn.due() == start + Milliseconds{1'500});
    turn.failed(start, {{Reason::upstream_busy, {}}, Milliseconds{90'000}, true});
    CHECK(turn.due() == start + Milliseconds{2'000});
    turn.succeeded(start + Milliseconds{7});
    CHECK(turn.due() == start + Milliseconds{7});
    turn.failed(start, late);
    CHECK(turn.due() == start + Milliseconds{100});

    Turn lucky(Milliseconds{100}, limits, start, [] { return 0U; });
    lucky.failed(start, late);
    CHECK(lucky.due() == start + Milliseconds{100}); // never sooner than it would be asked for anyway
}

TEST_CASE("a failure is worth telling when it is another than the time before") {
    Turn turn(Milliseconds{100}, {}, {});
    CHECK(turn.failed({}, {{Reason::upstream_busy, "HTTP 503"}, {}, true}));
    CHECK_FALSE(turn.failed({}, {{Reason::upstream_busy, "HTTP 503"}, {}, true}));
    CHECK(turn.failed({}, {{Reason::upstream_busy, "HTTP 429"}, {}, true}));
    CHECK(*turn.failure() == Reason::upstream_busy);
    turn.succeeded({});
    CHECK_FALSE(turn.failure());
    CHECK(turn.failed({}, {{Reason::upstream_busy, "HTTP 429"}, {}, true}));
}

TEST_CASE_METHOD(Kinds, "directives are asked for first") {
    CHECK(fetch() == Names{"directives", "catalogue", "revocation"});
    CHECK(fetch().empty());
    clock.advance(Milliseconds{30'000});
    CHECK(fetch() == Names{"directives", "catalogue", "revocation"});
}

TEST_CASE_METHOD(Kinds, "a kind that fails keeps no other from its turn") {
    const auto reason = GENERATE(Reason::reply_malformed, Reason::upstream_busy, Reason::upstream_rejected,
                                 Reason::unreachable, Reason::upstream_untrusted);
    upstream.failures["directives"] = {{reason, {}}, {}, true};
    CHECK(fetch() == Names{"directives", "catalogue", "revocation"});
    CHECK(fetch().empty());
    CHECK(store->confirmed("revocation"));
}

TEST_CASE_METHOD(Kinds,
                 "after a kind that is not answered in time the records have their turn, then the others") {
    upstream.failures["catalogue"] = {{Reason::upstream_timeout, {}}, {}, true};
    CHECK(fetch() == Names{"directives", "catalogue"});
    CHECK(fetcher->due() == clock.now().monotonic);
    CHECK(fetch() == Names{"revocation"});
    CHECK(fetch().empty());
    clock.advance(Milliseconds{30'000});
    CHECK(fetch() == Names{"directives", "revocation", "catalogue"});
}

TEST_CASE_METHOD(Kinds, "several kinds that hang keep no other from its turn for ever") {
    const std::vector<std::string> hanging{"region_rules", "fare_tables", "legacy_map", "trust_anchors"};
    upstream.clock = &clock;
    for (const auto& kind : hanging)
        upstream.failures[kind] = {{Reason::upstream_timeout, {}}, {}, true};
    auto kinds = hanging;
    kinds.emplace_back("catalogue");
    fetcher.emplace(*store, upstream, clock, publisher.publicKey(), BulletinSettings{kinds});
    for (int round = 0; round < 5 && !store->confirmed("catalogue"); ++round)
        fetch();
    CHECK(store->confirmed("catalogue"));
}

TEST_CASE_METHOD(Kinds, "Retry-After is obeyed by the kind that it was answered to") {
    upstream.failures["catalogue"] = {{Reason::upstream_busy, {}}, Milliseconds{100'000}, true};
    CHECK(fetch().size() == 3);
    for (int round = 0; round < 3; ++round) {
        clock.advance(Milliseconds{30'000});
        CHECK(fetch() == Names{"directives", "revocation"});
    }
    clock.advance(Milliseconds{10'000});
    CHECK(fetch() == Names{"catalogue"});
}

TEST_CASE_METHOD(Kinds, "where nobody is reached no other kind is asked for, and all are due as before") {
    const auto reason = GENERATE(Reason::unreachable, Reason::upstream_timeout, Reason::upstream_untrusted,
                                 Reason::cancelled);
    endsRoundExpected = true;
    upstream.failures["directives"] = {{reason, {}}, {}, false};
    CHECK(fetch() == Names{"directives"});
    upstream.failures.clear();
    endsRoundExpected = false;
    CHECK(fetch() == Names{"directives", "catalogue", "revocation"});
}

TEST_CASE_METHOD(Fixture,
                 "a list that does not come in time keeps neither orders, nor the status, nor records") {
    auto tls = std::move(*crypto::TlsServer::create(pki.caPem(), *pki.serverIdentity(), clock));
    std::atomic<int> statuses{0};
    std::atomic<int> unanswered{0};
    std::atomic<int> batches{0};
    const auto order = toText(bulletin("directives", 1));
    PlayedServer server(std::move(tls), [&](const std::string& request, crypto::TlsStream& stream) {
        const auto nothing = "HTTP/1.1 204 No Content\r\n\r\n";
        if (request.starts_with("GET /v1/bulletins/directives"))
            return PlayedServer::write(stream, PlayedServer::answer(order));
        if (request.starts_with("GET /v1/bulletins/catalogue") ||
            request.starts_with("GET /v1/bulletins/revocation")) {
            ++unanswered;
            return true; // and says nothing
        }
        if (request.starts_with("POST /v1/status"))
            ++statuses;
        if (!request.starts_with("POST /v1/transactions"))
            return PlayedServer::write(stream, nothing);
        const auto sequence = std::to_string(++batches);
        return PlayedServer::write(stream, PlayedServer::answer(R"({"receipts":[{"sequence":)" + sequence +
                                                                R"(,"verdict":"settled","note":"R"}]})"));
    });
    auto settings = httpsSettings();
    settings.port = server.port();
    settings.requestTimeout = Milliseconds{1'500};
    quick.batchRecords = 1;
    quick.bulletinInterval = Milliseconds{60'000}; // so that what arrives does so in the first turns
    const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
    append(5);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return allAcknowledged(5); }));
    REQUIRE(eventually([&] { return statuses == 1; }));
    REQUIRE(eventually([&] { return store->confirmed("fare_tables").has_value(); }));
    CHECK(running.installedKinds() == Names{"directives"});
    CHECK(unanswered == 2);
    CHECK_FALSE(store->confirmed("revocation"));
}

TEST_CASE_METHOD(Fixture, "a status that is not answered in time keeps no record from its turn") {
    struct Silent : PassingUpstream {
        using PassingUpstream::PassingUpstream;
        tl::expected<void, UpstreamError> reportStatus(const std::string&, std::stop_token) override {
            ++asked;
            return tl::unexpected(UpstreamError{{Reason::upstream_timeout, {}}, {}, true});
        }
        std::atomic<int> asked{0};
    };
    const auto real = https();
    Silent upstream(*real);
    quick.batchRecords = 1;
    quick.firstBackoff = quick.longestBackoff = Milliseconds{600'000};
    quick.bulletinInterval = Milliseconds{60'000};
    append(20);
    RunningCourier running(*this, upstream);
    REQUIRE(eventually([&] { return allAcknowledged(20); }));
    CHECK(upstream.asked == 1);
    CHECK_FALSE(running.courier.lastError());
}

TEST_CASE_METHOD(Fixture, "an order arrives although the back office wants no records for an hour") {
    backOffice->answerBusy(3600);
    const auto upstream = https();
    append(1);
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return backOffice->requests() == 1; }));
    backOffice->offer("directives", 1, bulletin("directives", 1));
    REQUIRE(eventually([&] { return !running.installedKinds().empty(); }));
    CHECK(running.courier.lastError()->reason == Reason::upstream_busy); // of the records, still
    CHECK(backOffice->requests() == 1);
}
