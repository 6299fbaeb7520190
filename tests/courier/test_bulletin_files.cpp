// Bulletins whose list lies in a file: fetched in parts, resumed, bounded; and back offices that lie about
// them.
#include "offline_store/durable_file.h"
#include "passing_upstream.h"

#include "fixture.h"

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

using Part = tl::expected<Bytes, UpstreamError>;

tl::unexpected<UpstreamError> broken(Reason reason) {
    return tl::unexpected(UpstreamError{{reason, {}}, {}, true});
}

tl::unexpected<UpstreamError> outOfReach() {
    return tl::unexpected(UpstreamError{{Reason::unreachable, {}}, {}, false});
}

// Hands out one bulletin and its file, until told otherwise.
struct Shelf : Upstream {
    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>&, std::stop_token) override {
        return broken(Reason::unreachable);
    }
    tl::expected<std::optional<Bytes>, UpstreamError> fetchBulletin(std::string_view, std::uint64_t above,
                                                                    std::stop_token) override {
        asked.push_back(above);
        if (deltaBase && above == *deltaBase)
            return delta;
        return above < version ? std::optional(bulletin) : std::nullopt;
    }
    Part fetchAttachment(const crypto::Digest&, std::uint64_t from, std::size_t most,
                         std::stop_token) override {
        parts.push_back(from);
        return part ? part(from, most) : real(from, most);
    }
    tl::expected<void, UpstreamError> reportStatus(const std::string&, std::stop_token) override {
        return {};
    }
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return std::nullopt; }

    [[nodiscard]] Part real(std::uint64_t from, std::size_t most) const {
        const auto end = std::min<std::size_t>(file.size(), from + most);
        return Bytes(file.begin() + static_cast<std::ptrdiff_t>(from),
                     file.begin() + static_cast<std::ptrdiff_t>(end));
    }

    std::uint64_t version = 1;
    Bytes bulletin;
    Bytes file;
    std::optional<std::uint64_t> deltaBase;
    Bytes delta;
    std::function<Part(std::uint64_t, std::size_t)> part; // none: the truth
    std::vector<std::uint64_t> asked;                     // above which version
    std::vector<std::uint64_t> parts;                     // from where
};

// Sorted keys 0, 1, 2, ... of 16 bytes.
Bytes numbered(std::uint32_t count) {
    Bytes keys;
    for (std::uint32_t i = 0; i < count; ++i) {
        appendBigEndian(keys, i, 4);
        keys.resize(keys.size() + 12);
    }
    return keys;
}

offline_store::RevocationKey numberedKey(std::uint32_t number) {
    offline_store::RevocationKey key{};
    for (int i = 0; i < 4; ++i)
        key[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return key;
}

std::string fileBody(const Bytes& file) {
    return nlohmann::json{
        {"file",
         {{"sha256", toHex(crypto::sha256(file))}, {"bytes", file.size()}, {"count", file.size() / 16}}}}
        .dump();
}

struct FetcherFixture {
    FetcherFixture() {
        shelf.file = numbered(100'000); // 1.6 MB: six parts and a rest
        shelf.bulletin = bulletin(1, fileBody(shelf.file));
        reopen();
    }
    void reopen() {
        fetcher.reset();
        store.reset();
        store = std::move(
            *offline_store::Store::open({folder.path() / "store.db", terminalName, {}}, key.clone(), clock));
        fetcher.emplace(*store, shelf, clock, publisher.publicKey(), BulletinSettings{{"revocation"}});
    }
    // Until whatever failed is due again.
    void wait() { clock.advance(BulletinSettings{}.longestWait); }
    [[nodiscard]] Bytes bulletin(std::uint64_t version, const std::string& body) const {
        return *publisher.publish("revocation", version, clock.now().wall - std::chrono::hours{1},
                                  clock.now().wall + std::chrono::hours{9}, body);
    }
    auto fetch() {
        return fetcher->fetch({}, [&](std::string_view) { ++installed; });
    }
    auto proceed() {
        return fetcher->proceed({}, [&](std::string_view) { ++installed; });
    }
    void fetchAll() {
        clock.advance(BulletinSettings{}.interval);
        REQUIRE(fetch());
        for (int round = 0; fetcher->isUnderWay() && round < 100; ++round)
            REQUIRE(proceed());
    }
    // The reasons of what was reported as refused.
    [[nodiscard]] std::vector<std::string> refusals() const {
        std::vector<std::string> reasons;
        const auto rows = *store->list(1, 99);
        for (const auto& row : rows)
            reasons.push_back(
                nlohmann::json::parse(toText(store->read(row.id.sequence)->payload)).at("reason"));
        return reasons;
    }
    [[nodiscard]] std::uint64_t partSize() const {
        std::uint64_t size = 0;
        for (const auto& file : std::filesystem::directory_iterator(folder.path()))
            if (file.path().extension() == ".part")
                size += file.file_size();
        return size;
    }

    test::TemporaryFolder folder;
    hal::ManualClock clock{wallFromUnixSeconds(1'795'000'000)};
    Secret key = *crypto::randomSecret(32);
    sim::BulletinPublisher publisher = *sim::BulletinPublisher::create();
    Shelf shelf;
    std::unique_ptr<offline_store::Store> store;
    std::optional<BulletinFetcher> fetcher;
    int installed = 0;
};

} // namespace

TEST_CASE_METHOD(FetcherFixture, "a list in a file is fetched in parts, a few in a row, and installed") {
    REQUIRE(fetch());
    CHECK(fetcher->isUnderWay());
    CHECK(shelf.parts.empty());
    REQUIRE(proceed());
    CHECK(shelf.parts == std::vector<std::uint64_t>{0, 262'144, 524'288, 786'432}); // then it is others' turn
    CHECK(fetcher->isUnderWay());
    CHECK_FALSE(store->confirmed("revocation"));
    fetchAll();
    CHECK(installed == 1);
    CHECK(*store->versionHeld("revocation") == 1);
    CHECK(*store->isRevoked(numberedKey(99'999)));
    CHECK_FALSE(*store->isRevoked(numberedKey(100'000)));
    CHECK(store->confirmed("revocation") == clock.now().wall);
    CHECK(refusals().empty());
    CHECK(shelf.parts.size() == 7);
}

TEST_CASE_METHOD(FetcherFixture,
                 "a download goes on where it stood, after a broken link and after a restart") {
    REQUIRE(fetch());
    shelf.part = [&](std::uint64_t from, std::size_t most) -> Part {
        if (shelf.parts.size() % 2 == 0)
            return outOfReach();
        return shelf.real(from, std::min<std::size_t>(most, 100'000)); // less than asked for is a part too
    };
    CHECK(proceed().error().error == Reason::unreachable);
    CHECK(proceed().error().error == Reason::unreachable);
    CHECK(partSize() == 200'000);
    reopen();
    CHECK_FALSE(fetcher->isUnderWay());
    CHECK(partSize() == 200'000);
    shelf.parts.clear();
    shelf.part = {};
    fetchAll();
    CHECK(shelf.parts.front() == 200'000);
    CHECK(*store->isRevoked(numberedKey(99'999)));
    CHECK(refusals().empty());
}

TEST_CASE_METHOD(FetcherFixture,
                 "a slow link finishes a file in smaller parts, and a fast one in large ones") {
    REQUIRE(fetch());
    std::size_t late = 0;
    std::size_t largest = 100'000; // that arrives in time
    shelf.part = [&](std::uint64_t from, std::size_t most) -> Part {
        if (most <= largest)
            return shelf.real(from, most);
        ++late;
        return broken(Reason::upstream_timeout);
    };
    REQUIRE(proceed());
    CHECK(shelf.parts.size() == 1); // then it is others' turn
    REQUIRE(proceed());
    CHECK(shelf.parts.size() == 1);
    for (int turn = 0; fetcher->isUnderWay() && turn < 60; ++turn) {
        wait();
        REQUIRE(proceed());
    }
    CHECK(installed == 1);
    CHECK(late <= 4);
    CHECK(refusals().empty());

    largest = BulletinFetcher::partBytes;
    shelf.file = numbered(400'000);
    shelf.version = 2;
    shelf.bulletin = bulletin(2, fileBody(shelf.file));
    shelf.parts.clear();
    fetchAll();
    CHECK(installed == 2);
    CHECK(shelf.parts.size() <= 8 + 25); // of 65,536 bytes, and of 262,144
}

TEST_CASE_METHOD(FetcherFixture,
                 "a part that not even the smallest size brings in time leaves others their turn") {
    REQUIRE(fetch());
    std::size_t smallest = BulletinFetcher::partBytes;
    shelf.part = [&](std::uint64_t, std::size_t most) -> Part {
        smallest = std::min(smallest, most);
        return broken(Reason::upstream_timeout);
    };
    for (int turn = 1; turn < BulletinFetcher::mostFailures; ++turn) {
        REQUIRE(proceed());
        CHECK(fetcher->due() > clock.now().monotonic);
        wait();
    }
    CHECK(smallest == BulletinFetcher::leastPartBytes);
    SECTION("until one comes") {
        shelf.part = {};
        fetchAll();
        CHECK(installed == 1);
    }
    SECTION("and is left for what has taken its bulletin's place") {
        CHECK(fetcher->isUnderWay());
        REQUIRE(proceed());
        CHECK_FALSE(fetcher->isUnderWay());
        shelf.version = 2;
        shelf.bulletin = bulletin(2, R"({"entries": []})");
        REQUIRE(fetch());
        CHECK(installed == 1);
        CHECK(store->versionHeld("revocation") == 2);
    }
}

TEST_CASE_METHOD(FetcherFixture,
                 "a file that turns out to be another is reported once and fetched anew later") {
    shelf.part = [&](std::uint64_t from, std::size_t most) -> Part {
        auto part = shelf.real(from, most);
        part->back() ^= 1U;
        return part;
    };
    fetchAll();
    CHECK(refusals() == std::vector<std::string>{"bulletin_incomplete"});
    CHECK(partSize() == 0);
    CHECK(installed == 0);
    CHECK_FALSE(store->confirmed("revocation"));
    const auto parts = shelf.parts.size();
    fetchAll(); // the next round, half a minute later
    CHECK(shelf.parts.size() == parts);
    clock.advance(BulletinFetcher::retryFile);
    fetchAll();
    CHECK(shelf.parts.size() == 2 * parts);
    CHECK(refusals().size() == 1);
    clock.advance(BulletinFetcher::retryFile);
    shelf.part = {};
    fetchAll();
    CHECK(installed == 1);
    CHECK(*store->isRevoked(numberedKey(5)));
}

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

TEST_CASE_METHOD(FetcherFixture, "a delta without its base makes the terminal ask for the whole list, once") {
    fetchAll();
    shelf.asked.clear();
    shelf.version = 3;
    shelf.file = numbered(10);
    shelf.bulletin = bulletin(3, fileBody(shelf.file));
    shelf.deltaBase = 1;
    shelf.delta = bulletin(3, R"({"delta":{"base":2,"add":[],"remove":[]}})");
    fetchAll();
    CHECK(shelf.asked == std::vector<std::uint64_t>{1, 0});
    CHECK(*store->versionHeld("revocation") == 3);
    CHECK(*store->isRevoked(numberedKey(9)));
    CHECK_FALSE(*store->isRevoked(numberedKey(10)));
    CHECK(refusals().empty());
    // A back office that answers with a delta whatever it is asked is refused like any other.
    shelf.asked.clear();
    shelf.version = 4;
    shelf.deltaBase = 3;
    shelf.bulletin = shelf.delta = bulletin(4, R"({"delta":{"base":2,"add":[],"remove":[]}})");
    fetchAll();
    CHECK(shelf.asked == std::vector<std::uint64_t>{3, 0});
    CHECK(refusals() == std::vector<std::string>{"bulletin_base_missing"});
}

TEST_CASE_METHOD(FetcherFixture,
                 "a damaged list is fetched whole, although the back office has nothing newer") {
    fetchAll();
    fetcher.reset();
    store.reset();
    for (const auto& file : std::filesystem::directory_iterator(folder.path()))
        if (file.path().filename().string().find(".revocation-") != std::string::npos)
            std::filesystem::resize_file(file.path(), 100'000);
    reopen();
    CHECK(store->isRevoked(numberedKey(1)).error() == Reason::look_up_failed);
    fetchAll();
    CHECK(*store->isRevoked(numberedKey(1)));
    CHECK(*store->versionHeld("revocation") == 1);
}

TEST_CASE_METHOD(Fixture, "over HTTPS: a list in a file, a delta to it, and records that pass meanwhile") {
    const auto file = numbered(200'000);
    backOffice->offerFile(file);
    backOffice->offer("revocation", 1, bulletin("revocation", 1, fileBody(file)));
    append(20);
    const auto upstream = https();
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return store->isRevoked(numberedKey(199'999)).value_or(false); }));
    REQUIRE(eventually([&] { return allAcknowledged(20); }));
    // The store has it before the courier tells.
    REQUIRE(eventually([&] { return running.installedKinds() == std::vector<std::string>{"revocation"}; }));

    const auto body = R"({"delta":{"base":1,"add":["ffffffffffffffffffffffffffffffff"],"remove":[]}})";
    backOffice->offerDelta("revocation", 1, 2, bulletin("revocation", 2, body));
    backOffice->offer("revocation", 2, toBytes("the whole list, which nobody asks for"));
    offline_store::RevocationKey last;
    last.fill(0xff);
    REQUIRE(eventually([&] { return store->isRevoked(last).value_or(false); }));
    CHECK(*store->isRevoked(numberedKey(199'999)));
    const auto confirmed = store->confirmed("revocation");
    REQUIRE(eventually([&] { return store->confirmed("revocation") > confirmed; }));
    CHECK(*store->versionHeld("revocation") == 2);
    CHECK(store->list(21, 9)->empty());
}

TEST_CASE_METHOD(Fixture, "a part that is awaited ends within a second of the stop") {
    struct Stuck : PassingUpstream {
        using PassingUpstream::PassingUpstream;
        Part fetchAttachment(const crypto::Digest&, std::uint64_t, std::size_t,
                             std::stop_token stop) override {
            std::mutex mutex;
            std::unique_lock lock(mutex);
            std::condition_variable_any never;
            waiting = true;
            never.wait(lock, stop, [] { return false; });
            return broken(Reason::cancelled);
        }
        std::atomic<bool> waiting{false};
    };
    backOffice->offer("revocation", 1, bulletin("revocation", 1, fileBody(numbered(10))));
    const auto real = https();
    Stuck upstream(*real);
    std::optional<RunningCourier> running;
    running.emplace(*this, upstream);
    REQUIRE(eventually([&] { return upstream.waiting.load(); }));
    const auto before = clock.now().monotonic;
    running.reset();
    CHECK(clock.now().monotonic - before < std::chrono::seconds{1});
}
