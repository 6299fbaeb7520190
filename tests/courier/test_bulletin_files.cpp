// Bulletins whose list lies in a file: fetched in parts, resumed, bounded.
#include "fetcher_fixture.h"
#include "passing_upstream.h"

using namespace ykt;
using namespace ykt::firmware::courier;

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
