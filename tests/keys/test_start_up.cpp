// The keys of a terminal that starts, works and changes its data keys.
#include "fixture.h"

#include "firmware/keys/rotation.h"
#include "firmware/keys/start_up.h"
#include "hal/clock.h"
#include "sim/pki.h"

using namespace ykt;
using namespace ykt::firmware::keys;
using namespace std::chrono_literals;
using Catch::Contains;
using offline_store::Entry;
using offline_store::RecordClass;
using offline_store::Store;

namespace {

struct Terminal : Fixture {
    Terminal() : settings{file, fileKek()} {}

    Result<std::unique_ptr<KeyStore>> openKeys() const {
        return firmware::keys::openKeys(settings, options.file, clock.now().wall);
    }
    std::unique_ptr<Store> openStore(const KeyStore& keys) const {
        auto store = Store::open(options, *keys.dataKeys(), clock);
        REQUIRE(store);
        return std::move(*store);
    }

    static Entry entry() { return {RecordClass::money, "ride", toBytes(R"({"fare":100})"), {}}; }

    hal::ManualClock clock{start};
    KeySettings settings;
    offline_store::StoreOptions options{folder.path() / "store.db", "NX-BUS-0001", {}};
};

} // namespace

TEST_CASE_METHOD(Terminal, "keys are made at the first start and used at the next") {
    {
        const auto keys = openKeys();
        REQUIRE(keys);
        REQUIRE(openStore(**keys)->append(entry()));
    }
    const auto keys = openKeys();
    REQUIRE(keys);
    CHECK(openStore(**keys)->read(1)->payload == entry().payload);
}

TEST_CASE_METHOD(Terminal, "keys that are gone are not replaced while the database needs them") {
    openStore(**openKeys())->append(entry()).value();
    const auto database = contentOf(options.file);
    std::filesystem::remove(file);
    const auto lost = openKeys();
    REQUIRE_FALSE(lost);
    CHECK(lost.error() == Reason::key_store_failed);
    CHECK_THAT(explain(lost.error()), Contains("restore it"));
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK(contentOf(options.file) == database);
}

TEST_CASE_METHOD(Terminal, "data keys rotate while the terminal works, and the unneeded go") {
    const auto keys = openKeys().value();
    {
        const auto store = openStore(*keys);
        REQUIRE(store->append(entry()));
        CHECK(*rotateDataKey(*keys, *store, start) == 2);
        CHECK(*rotateDataKey(*keys, *store, start) == 3);
        REQUIRE(store->append(entry()));
        CHECK(*pruneDataKeys(*keys, *store) == std::vector<std::uint32_t>{2});
        CHECK(pruneDataKeys(*keys, *store)->empty());
    }
    const auto store = openStore(*keys);
    CHECK(store->read(1));
    CHECK(store->read(2));
    CHECK(store->verifyChain());
}

TEST_CASE_METHOD(Terminal, "killed between the key store and the store, the new key is the next start's") {
    const auto keys = openKeys().value();
    openStore(*keys)->append(entry()).value();
    REQUIRE(keys->addDataKey(start));
    {
        const auto store = openStore(*keys);
        REQUIRE(store->append(entry()));
        CHECK(*store->dataKeysInUse() == std::set<std::uint32_t>{1, 2});
        CHECK(pruneDataKeys(*keys, *store)->empty());
        CHECK(*rotateDataKey(*keys, *store, start) == 3);
    }
    CHECK(openStore(*keys)->verifyChain());
}

TEST_CASE_METHOD(Terminal, "after pruning, the database opens with what is left") {
    const auto keys = openKeys().value();
    {
        const auto store = openStore(*keys);
        REQUIRE(rotateDataKey(*keys, *store, start));
        CHECK(*pruneDataKeys(*keys, *store) == std::vector<std::uint32_t>{1});
    }
    CHECK(openStore(*keys)->append(entry()));
}

TEST_CASE_METHOD(Terminal, "a key that was made but not taken over outlives pruning") {
    const auto keys = openKeys().value();
    {
        const auto store = openStore(*keys);
        REQUIRE(keys->addDataKey(start)); // and the store goes on with key 1
        CHECK(pruneDataKeys(*keys, *store)->empty());
    }
    {
        const auto store = openStore(*keys); // sealed with 2 from now on
        CHECK(*pruneDataKeys(*keys, *store) == std::vector<std::uint32_t>{1});
    }
    CHECK(openStore(*keys)->append(entry()));
}

TEST_CASE_METHOD(Terminal,
                 "the certificate that the profile names is taken over, unless a newer one is kept") {
    const auto pki = sim::Pki::create(start).value();
    const auto issue = [&](WallTime from) {
        return pki.issue({"NX-BUS-0001", {}, from, from + 24h, false}).value();
    };
    const auto keys = openKeys().value();
    CHECK(adoptIdentity(*keys, {}).error() == Reason::key_store_failed);
    const auto first = issue(start);
    REQUIRE(adoptIdentity(*keys, first));
    REQUIRE(adoptIdentity(*keys, {})); // the profile need not name it any more
    CHECK(keys->identities()->front().certificatePem == first.certificatePem);

    std::vector<crypto::TlsIdentity> renewed;
    renewed.push_back(issue(start + 1h));
    REQUIRE(keys->setIdentities(renewed));
    REQUIRE(adoptIdentity(*keys, first)); // still named, but older
    CHECK(keys->identities()->front().certificatePem == renewed.front().certificatePem);

    const auto byHand = issue(start + 2h);
    REQUIRE(adoptIdentity(*keys, byHand));
    REQUIRE(keys->identities()->size() == 1);
    CHECK(keys->identities()->front().certificatePem == byHand.certificatePem);
    CHECK(adoptIdentity(*keys, {"no certificate", Secret{}}).error() == Reason::certificate_invalid);
}
