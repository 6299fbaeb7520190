// The revocation list in the store: files, deltas, damage.
#include "offline_store/revocation.h"
#include "publisher.h"

#include <atomic>
#include <random>
#include <set>
#include <thread>

using namespace ykt;
using namespace ykt::offline_store;
using nlohmann::json;

namespace {

Reason refusal(const Result<void>& installed) {
    REQUIRE_FALSE(installed);
    return installed.error().reason;
}

// Of the holders 0 to `to` exactly those of `listed` are revoked.
void checkList(Store& store, const std::set<int>& listed, int to) {
    for (int number = 0; number < to; ++number)
        REQUIRE(*store.isRevoked(holder(number)) == listed.contains(number));
}

} // namespace

TEST_CASE_METHOD(BulletinFixture, "a list comes in a file that has to be there whole") {
    auto store = open();
    const auto file = fileOf(holders(0, 1000));
    const auto bulletin = revocation(1, fileBody(file));
    const auto attachment = *store->attachmentOf(*openBulletin(bulletin, trusted));
    REQUIRE(attachment);
    CHECK(attachment->bytes == 16'000);
    CHECK(attachment->sha256 == crypto::sha256(file));

    CHECK(refusal(store->install(bulletin, trusted)) == Reason::bulletin_incomplete);
    writeFile(attachment->path, ByteView(file).first(8'000));
    CHECK(refusal(store->install(bulletin, trusted)) == Reason::bulletin_incomplete);
    CHECK(sizeOf(attachment->path) == 8'000); // it goes on from there
    CHECK(store->isRevoked(holder(1)).error() == Reason::look_up_failed);
    CHECK(*store->versionHeld("revocation") == 0);

    writeFile(attachment->path, file);
    REQUIRE(store->install(bulletin, trusted));
    for (int time = 0; time < 2; ++time) {
        for (int number = 0; number < 2000; ++number)
            REQUIRE(*store->isRevoked(holder(number)) == (number < 1000));
        CHECK(*store->versionHeld("revocation") == 1);
        CHECK(listFiles().size() == 1);
        store.reset();
        store = open();
    }
    // The same list under a newer version needs no file again.
    const auto renewed = revocation(2, fileBody(file));
    CHECK_FALSE(*store->attachmentOf(*openBulletin(renewed, trusted)));
    REQUIRE(store->install(renewed, trusted));
    CHECK(*store->isRevoked(holder(1)));
    CHECK(listFiles().size() == 1);
}

TEST_CASE_METHOD(BulletinFixture,
                 "a file that is not the one of the bulletin is removed and changes nothing") {
    const auto store = open();
    REQUIRE(installFile(*store, 1, fileOf(holders(0, 10))));
    const auto file = fileOf(holders(0, 500));
    const auto bulletin = revocation(2, fileBody(file));
    const auto attachment = *store->attachmentOf(*openBulletin(bulletin, trusted));
    auto other = file;
    other[4'000] ^= 1U;
    writeFile(attachment->path, other);
    CHECK(refusal(store->install(bulletin, trusted)) == Reason::bulletin_incomplete);
    CHECK(sizeOf(attachment->path) == 0);

    // Signed, and yet not sorted: it would answer wrongly.
    auto unsorted = file;
    std::rotate(unsorted.begin(), unsorted.begin() + 16, unsorted.end());
    CHECK(refusal(installFile(*store, 2, unsorted)) == Reason::bulletin_malformed);
    auto twice = file;
    std::copy_n(twice.begin(), 16, twice.begin() + 16);
    CHECK(refusal(installFile(*store, 2, twice)) == Reason::bulletin_malformed);
    CHECK(*store->isRevoked(holder(9)));
    CHECK_FALSE(*store->isRevoked(holder(10)));
    CHECK(*store->versionHeld("revocation") == 1);

    auto longer = file; // a part that is too long: what is beyond is cut off
    longer.resize(longer.size() + 999);
    writeFile(attachment->path, longer);
    REQUIRE(store->install(bulletin, trusted));
    CHECK(*store->isRevoked(holder(499)));
}

TEST_CASE_METHOD(BulletinFixture, "a delta changes the list that it names and no other") {
    auto store = open();
    REQUIRE(installFile(*store, 7, fileOf(holders(0, 100))));
    CHECK(refusal(store->install(revocation(8, delta(6, {}, {})), trusted)) == Reason::bulletin_base_missing);
    CHECK(refusal(store->install(revocation(8, delta(8, {}, {})), trusted)) == Reason::bulletin_base_missing);
    REQUIRE(store->install(revocation(8, delta(7, holders(200, 203), {holder(0), holder(5)})), trusted));
    std::set<int> listed{200, 201, 202};
    for (int number = 1; number < 100; ++number)
        if (number != 5)
            listed.insert(number);
    checkList(*store, listed, 300);
    store.reset();
    store = open();
    checkList(*store, listed, 300);

    REQUIRE(store->install(revocation(12, delta(8, {holder(0)}, {holder(201), holder(299)})), trusted));
    listed.insert(0);
    listed.erase(201);
    checkList(*store, listed, 300);
    store.reset();
    store = open();
    checkList(*store, listed, 300);
    // Rolled back it is never, by whatever form.
    CHECK(refusal(store->install(revocation(12, delta(12, {}, {})), trusted)) == Reason::bulletin_not_newer);
    CHECK(refusal(store->install(revocation(8, delta(7, {}, {})), trusted)) == Reason::bulletin_not_newer);
    CHECK(refusal(store->install(revocation(7, entries({})), trusted)) == Reason::bulletin_not_newer);
    CHECK(refusal(installFile(*store, 11, fileOf(holders(0, 3)))) == Reason::bulletin_not_newer);
    checkList(*store, listed, 300);
}

TEST_CASE_METHOD(BulletinFixture, "there is no delta to a list that was never installed") {
    const auto store = open();
    CHECK(refusal(store->install(revocation(1, delta(0, {holder(1)}, {})), trusted)) ==
          Reason::bulletin_base_missing);
    CHECK(store->isRevoked(holder(1)).error() == Reason::look_up_failed);
}

TEST_CASE_METHOD(BulletinFixture, "bodies that are not of the three forms are malformed and change nothing") {
    const auto store = open();
    REQUIRE(store->install(revocation(1, entries({holder(1)})), trusted));
    const auto file = fileOf(holders(0, 4));
    const auto changedFile = [&](const char* name, const json& value) {
        auto body = fileBody(file);
        body["file"][name] = value;
        return body;
    };
    const auto changedDelta = [&](const char* name, const json& value) {
        auto body = delta(1, {holder(2)}, {holder(3)});
        body["delta"][name] = value;
        return body;
    };
    const std::string low(32, '1');
    const std::string high(32, '2');
    for (const auto& bad :
         {json{{"file", 1}},
          json{{"delta", 1}},
          json{{"file", json::object()}},
          json{{"delta", json::object()}},
          json{{"entries", json::array()}, {"delta", json::object()}},
          json{{"other", 1}},
          changedFile("sha256", "00"),
          changedFile("sha256", 5),
          changedFile("bytes", 63),
          changedFile("bytes", 80),
          changedFile("bytes", -64),
          changedFile("count", 5),
          changedFile("count", 0),
          json{{"file", {{"sha256", std::string(64, '0')}, {"bytes", 0}, {"count", 0}}}},
          json{{"file",
                {{"sha256", std::string(64, '0')}, {"bytes", 16'000'000'000}, {"count", 1'000'000'000}}}},
          json{{"file", {{"sha256", std::string(64, '0')}, {"bytes", 0}, {"count", 1ULL << 60U}}}},
          changedDelta("base", -1),
          changedDelta("base", "1"),
          changedDelta("add", 1),
          changedDelta("add", {high, low}),
          changedDelta("remove", {low, low}),
          changedDelta("remove", {"g"}),
          delta(1, {holder(2)}, {holder(2)})}) {
        CAPTURE(bad.dump());
        CHECK(refusal(store->install(revocation(2, bad), trusted)) == Reason::bulletin_malformed);
    }
    CHECK(*store->isRevoked(holder(1)));
    CHECK(*store->versionHeld("revocation") == 1);
}

TEST_CASE_METHOD(BulletinFixture, "after any sequence of lists and deltas the store agrees with a set") {
    constexpr int holdersInAll = 120;
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
    const auto some = [&](int one) {
        std::set<int> numbers;
        for (int number = 0; number < holdersInAll; ++number)
            if (below(one) == 0)
                numbers.insert(number);
        return numbers;
    };
    const auto keysOf = [](const std::set<int>& numbers) {
        std::vector<RevocationKey> keys;
        for (const int number : numbers)
            keys.push_back(holder(number));
        return keys;
    };
    auto store = open();
    REQUIRE(store->install(revocation(1, entries({})), trusted));
    std::set<int> listed;
    for (std::uint64_t version = 2; version < 120; ++version) {
        const int form = below(12);
        if (form == 0) {
            listed = some(3);
            REQUIRE(store->install(revocation(version, entries(keysOf(listed))), trusted));
        } else if (form == 1) {
            listed = some(2);
            listed.insert(0);
            REQUIRE(installFile(*store, version, fileOf(keysOf(listed))));
        } else {
            const auto add = some(6);
            auto remove = some(4);
            for (const int number : add)
                remove.erase(number);
            REQUIRE(store->install(revocation(version, delta(version - 1, keysOf(add), keysOf(remove))),
                                   trusted));
            listed.insert(add.begin(), add.end());
            for (const int number : remove)
                listed.erase(number);
        }
        checkList(*store, listed, holdersInAll);
        if (below(5) == 0) {
            store.reset();
            store = open();
            checkList(*store, listed, holdersInAll);
        }
        CHECK(listFiles().size() <= 1);
    }
}

TEST_CASE_METHOD(BulletinFixture, "what deltas have piled up becomes one file") {
    constexpr int many = static_cast<int>(RevocationOverlay::mostKeys);
    auto store = open();
    REQUIRE(installFile(*store, 1, fileOf(holders(0, 50))));
    const auto before = listFiles();
    REQUIRE(store->install(revocation(2, delta(1, holders(100, 100 + many), {holder(7)})), trusted));
    CHECK(direct().execAndGet("SELECT length(added) + length(removed) FROM revocation").getInt() == 0);
    CHECK(listFiles().size() == 1);
    CHECK(listFiles() != before);
    for (int time = 0; time < 2; ++time) {
        for (int number = 0; number < 200; ++number)
            REQUIRE(*store->isRevoked(holder(number)) == ((number < 50 && number != 7) || number >= 100));
        CHECK(*store->isRevoked(holder(99 + many)));
        CHECK_FALSE(*store->isRevoked(holder(100 + many)));
        store.reset();
        store = open();
    }
    REQUIRE(store->install(revocation(3, delta(2, {}, holders(1, 50))), trusted));
    CHECK_FALSE(*store->isRevoked(holder(8)));
    CHECK(*store->isRevoked(holder(100)));
}

TEST_CASE_METHOD(BulletinFixture,
                 "a damaged or missing file fails look-ups until the list is installed anew") {
    auto store = open();
    const auto file = fileOf(holders(0, 1000));
    REQUIRE(installFile(*store, 5, file));
    REQUIRE(store->install(revocation(6, delta(5, {holder(2000)}, {})), trusted));
    store.reset();
    const auto path = folder.path() / listFiles().at(0);
    const std::string damage = GENERATE("missing", "short", "a key", "the filter", "empty");
    auto bytes = readFile(path);
    if (damage == "a key")
        bytes[8'000] ^= 1U;
    if (damage == "the filter")
        bytes[16'100] ^= 1U;
    if (damage == "short")
        bytes.resize(bytes.size() / 2);
    writeFile(path, damage == "empty" ? Bytes{} : bytes);
    if (damage == "missing")
        std::filesystem::remove(path);

    store = open();
    CHECK(store->isRevoked(holder(1)).error() == Reason::look_up_failed);
    CHECK(store->isRevoked(holder(5000)).error() == Reason::look_up_failed); // never "not listed"
    CHECK(*store->versionHeld("revocation") == 0);
    CHECK(refusal(store->install(revocation(7, delta(6, {}, {})), trusted)) == Reason::bulletin_base_missing);
    CHECK(refusal(installFile(*store, 5, file)) == Reason::bulletin_not_newer); // still no way back
    auto newer = holders(0, 1000);
    newer.push_back(holder(2000));
    REQUIRE(installFile(*store, 6, fileOf(newer))); // the installed version, whole
    CHECK(*store->isRevoked(holder(2000)));
    CHECK_FALSE(*store->isRevoked(holder(5000)));
    CHECK(*store->versionHeld("revocation") == 6);
    CHECK(refusal(installFile(*store, 6, fileOf(newer))) == Reason::bulletin_not_newer);
    store.reset();
    CHECK(*open()->isRevoked(holder(999)));
}

TEST_CASE_METHOD(BulletinFixture, "files that are left over go, a part that is under way stays") {
    auto store = open();
    REQUIRE(installFile(*store, 1, fileOf(holders(0, 10))));
    const auto inForce = listFiles();
    store.reset();
    const auto name = [&](const char* end) { return options.file.string() + ".revocation-" + end; };
    writeFile(name("00ff"), Bytes(100));
    writeFile(name("00aa.part"), Bytes(100));
    store = open();
    CHECK(listFiles().size() == 2);
    writeFile(name("00ff"), Bytes(100)); // as a COMMIT that failed leaves it
    CHECK(sizeOf(name("00aa.part")) == 100);
    REQUIRE(store->attachmentOf(*openBulletin(revocation(2, fileBody(fileOf(holders(0, 9)))), trusted)));
    CHECK(listFiles() == inForce); // the part of a file that nobody wants any more
    CHECK(*store->isRevoked(holder(1)));
}

TEST_CASE_METHOD(BulletinFixture,
                 "a list of the third version of the schema, in the bulletin's body, stays in force") {
    auto store = open();
    REQUIRE(store->install(revocation(4, entries(holders(0, 20))), trusted));
    store.reset();
    auto database = direct();
    database.exec("DELETE FROM revocation");
    SQLite::Statement body(database, "UPDATE bulletin SET body = ? WHERE kind = 'revocation'");
    body.bind(1, entries(holders(0, 20)).dump());
    body.exec();
    store = open();
    for (int number = 0; number < 40; ++number)
        REQUIRE(*store->isRevoked(holder(number)) == (number < 20));
    REQUIRE(store->install(revocation(5, delta(4, {holder(30)}, {holder(1)})), trusted));
    CHECK(*store->isRevoked(holder(30)));
    CHECK_FALSE(*store->isRevoked(holder(1)));
}

TEST_CASE_METHOD(BulletinFixture, "look-ups go on while lists are replaced") {
    const auto store = open();
    REQUIRE(store->install(revocation(1, entries(holders(0, 9))), trusted));
    std::atomic<std::uint64_t> asked{0};
    std::atomic<bool> wrong{false};
    std::jthread lane([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            // In every version: the first listed, the second not.
            const auto listed = store->isRevoked(holder(1));
            const auto free = store->isRevoked(holder(5'000));
            wrong = wrong || !listed || !*listed || !free || *free;
            ++asked;
        }
    });
    for (std::uint64_t version = 2; version < 30; ++version) {
        const auto number = static_cast<int>(version);
        REQUIRE((version % 2 == 0
                     ? installFile(*store, version, fileOf(holders(0, 500 + number)))
                     : store->install(
                           revocation(version, delta(version - 1, {holder(600 + number)}, {holder(number)})),
                           trusted)));
    }
    lane.request_stop();
    lane.join();
    CHECK(asked > 0);
    CHECK_FALSE(wrong);
}
