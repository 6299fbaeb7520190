// Data keys that are replaced while the store works.
#include "fixture.h"

#include <atomic>
#include <thread>

using namespace ykt;
using namespace ykt::offline_store;

namespace {

struct KeyFixture : Fixture {
    // The first key, and those that were made since.
    KeyRing ring() const {
        KeyRing ring(key.clone());
        for (const auto& [number, secret] : later)
            ring.add(number, secret.clone());
        return ring;
    }
    std::unique_ptr<Store> openWithAll() const {
        auto store = Store::open(options, ring(), clock);
        REQUIRE(store);
        return std::move(*store);
    }
    Result<void> rotate(Store& store) {
        const auto number = static_cast<std::uint32_t>(later.size() + 2);
        later.emplace(number, *crypto::randomSecret(32));
        return store.rotateDataKey(number, later.at(number).clone());
    }

    std::map<std::uint32_t, Secret> later;
};

using Numbers = std::set<std::uint32_t>;

} // namespace

TEST_CASE_METHOD(KeyFixture, "rows of every key are read, in this run and in the next") {
    {
        const auto store = openWithAll();
        for (int i = 0; i < 3; ++i) {
            REQUIRE(store->append(entry()));
            REQUIRE(store->openIntent({claimKey(static_cast<std::uint8_t>(i)), toBytes("{}"), {}}));
            REQUIRE(rotate(*store));
        }
        REQUIRE(store->append(entry()));
        CHECK(store->lease(10, 100'000, Milliseconds{1000})->size() == 4);
        CHECK(store->verifyChain());
    }
    const auto store = openWithAll();
    for (std::uint64_t sequence = 1; sequence <= 4; ++sequence)
        CHECK(store->read(sequence)->payload == entry().payload);
    CHECK(store->verifyChain());
    CHECK(store->intentsOf(claimKey(0))->size() == 1);
    CHECK(direct().execAndGet("SELECT group_concat(data_key) FROM journal").getString() == "1,2,3,4");
}

TEST_CASE_METHOD(KeyFixture, "an amended intent is sealed with the key of the day") {
    const auto store = openWithAll();
    const auto intent = store->openIntent({claimKey(1), toBytes("{}"), {}});
    REQUIRE(rotate(*store));
    REQUIRE(store->amendIntent(*intent, toBytes("[]")));
    CHECK(store->intentsOf(claimKey(1))->front().payload == toBytes("[]"));
    CHECK(*store->dataKeysInUse() == Numbers{2});
}

TEST_CASE_METHOD(KeyFixture, "a key is in use while a row needs it, and the newest always") {
    const auto store = openWithAll();
    CHECK(*store->dataKeysInUse() == Numbers{1});
    REQUIRE(rotate(*store));
    CHECK(*store->dataKeysInUse() == Numbers{2});
    REQUIRE(store->append(entry()));
    REQUIRE(rotate(*store));
    REQUIRE(rotate(*store));
    CHECK(*store->dataKeysInUse() == Numbers{2, 4});
}

TEST_CASE_METHOD(KeyFixture, "a store that needs no old key opens without it") {
    {
        const auto store = openWithAll();
        REQUIRE(rotate(*store));
        REQUIRE(store->append(entry()));
    }
    KeyRing newest;
    newest.add(2, later.at(2).clone());
    CHECK((*Store::open(options, std::move(newest), clock))->read(1));
    CHECK(tryOpen().error() == Reason::unseal_failed); // the first key alone
}

TEST_CASE_METHOD(KeyFixture, "a key that was made but never came to the store is no trouble") {
    openWithAll()->append(entry()).value();
    later.emplace(2, *crypto::randomSecret(32)); // killed between the key file and the store
    {
        const auto store = openWithAll();
        REQUIRE(store->append(entry()));
        CHECK(*store->dataKeysInUse() == Numbers{1, 2});
        CHECK(rotate(*store));
    }
    KeyRing withoutFirst;
    withoutFirst.add(2, later.at(2).clone());
    withoutFirst.add(3, later.at(3).clone());
    const auto store = Store::open(options, std::move(withoutFirst), clock);
    REQUIRE(store);
    CHECK((*store)->read(1).error() == Reason::unseal_failed);
    CHECK((*store)->read(2));
}

TEST_CASE_METHOD(KeyFixture, "a key of a number that was there is refused") {
    const auto store = openWithAll();
    CHECK(store->rotateDataKey(1, *crypto::randomSecret(32)).error() == Reason::key_invalid);
    CHECK(store->rotateDataKey(2, *crypto::randomSecret(16)).error() == Reason::key_invalid);
    CHECK(store->append(entry()));
    CHECK(*store->dataKeysInUse() == Numbers{1});
}

TEST_CASE_METHOD(KeyFixture, "keys rotate while four lanes append and a courier reads") {
    constexpr std::uint64_t each = 50;
    const auto store = openWithAll();
    std::atomic<bool> failed = false;
    std::atomic<bool> done = false;
    {
        std::vector<std::jthread> lanes;
        for (int lane = 0; lane < 4; ++lane)
            lanes.emplace_back([&] {
                for (std::uint64_t i = 0; i < each; ++i)
                    failed = failed || !store->append(entry());
            });
        const std::jthread courier([&] {
            while (!done) {
                const auto batch = store->lease(20, 100'000, Milliseconds{1000});
                failed = failed || !batch;
                std::vector<Store::Settled> settled;
                if (batch)
                    for (const auto& record : *batch)
                        settled.push_back({record.id.sequence, "R"});
                failed = failed || !store->acknowledge(settled);
            }
        });
        for (int i = 0; i < 20; ++i)
            failed = failed || !rotate(*store) || !store->dataKeysInUse();
        lanes.clear();
        done = true;
    }
    CHECK_FALSE(failed);
    CHECK(store->verifyChain());
    CHECK(store->list(1, 1000)->size() == 4 * each);
}
