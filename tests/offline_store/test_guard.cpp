// What protects outlives the database: a terminal that is locked stays so, what was carried out is not
// carried out again, and no older bulletin comes back.
#include "fixture.h"
#include "offline_store/guard_file.h"
#include "publisher.h"

#include <fstream>

using namespace ykt;
using namespace ykt::offline_store;
using namespace std::chrono_literals;

namespace {

enum class Loss { key_check, first_page, database };

struct GuardFixture : BulletinFixture {
    std::filesystem::path guardFile() const { return options.file.string() + ".guard"; }

    void lose(Loss what) const {
        switch (what) {
        case Loss::key_check:
            return (void)direct().exec("UPDATE setting SET value = x'00' WHERE name = 'key_check'");
        case Loss::first_page: {
            std::fstream file(options.file, std::ios::binary | std::ios::in | std::ios::out);
            file << std::string(1024, '\0');
            return;
        }
        case Loss::database:
            std::filesystem::remove(options.file);
            return;
        }
    }
    static bool carryOut(Store& store, const std::string& id, std::optional<bool> locked) {
        return store.carryOut(id, {.locked = locked}, entry(RecordClass::security_event)).value();
    }
};

} // namespace

TEST_CASE_METHOD(GuardFixture, "a locked terminal stays locked when its database is damaged or lost") {
    const auto loss = GENERATE(Loss::key_check, Loss::first_page, Loss::database);
    REQUIRE(carryOut(*open(), "lock-1", true));
    lose(loss);
    {
        const auto store = open();
        CHECK(store->last().epoch == 2);
        CHECK(store->isLocked().value());
        CHECK_FALSE(carryOut(*store, "lock-1", true)); // it is known to be done
        CHECK(carryOut(*store, "unlock-2", false));
    }
    lose(loss);
    const auto store = open();
    CHECK_FALSE(store->isLocked().value());
    CHECK_FALSE(carryOut(*store, "lock-1", true)); // an old order does not lock it again
}

TEST_CASE_METHOD(GuardFixture, "upstream hears that a database is gone") {
    REQUIRE(open()->append(entry()));
    lose(Loss::database);
    open();
    const auto store = open(); // told once
    CHECK(store->last() == RecordId{"NX-BUS-0001", 2, 1});
    CHECK(store->read(1)->kind == "store_lost");
    CHECK(store->read(1)->recordClass == RecordClass::security_event);
    CHECK(nlohmann::json::parse(store->read(1)->payload) == nlohmann::json{{"epoch", 1}});
    CHECK(store->lease(9, 10'000, 1min)->size() == 1);
}

TEST_CASE_METHOD(GuardFixture, "without a guard nobody knows that the terminal was not locked") {
    const auto loss = GENERATE(Loss::key_check, Loss::first_page, Loss::database);
    const bool removed = GENERATE(true, false);
    REQUIRE(open()->append(entry()));
    if (removed)
        std::filesystem::remove(guardFile());
    else
        std::ofstream(guardFile(), std::ios::binary | std::ios::in | std::ios::out) << '\x5a';
    lose(loss);
    const auto store = open();
    CHECK(store->isLocked().value());
    CHECK(carryOut(*store, "unlock-1", false));
    CHECK_FALSE(store->isLocked().value());
}

TEST_CASE_METHOD(GuardFixture, "a guard that is lost beside a sound database is made anew") {
    open();
    std::filesystem::remove(guardFile());
    CHECK_FALSE(open()->isLocked().value());
    CHECK(readGuard(options.file, options.terminal, KeyRing(key.clone())) == Guard{});
    CHECK(readGuard(options.file, "NX-BUS-0002", KeyRing(key.clone())) == std::nullopt);
}

TEST_CASE_METHOD(GuardFixture, "a sound database that is behind its guard does not open what was shut") {
    open();
    REQUIRE(writeGuard(options.file, options.terminal, KeyRing(key.clone()),
                       {true, {"lock-1"}, {{"catalogue", 7}}}));
    const auto store = open();
    CHECK(store->isLocked().value());
    CHECK(carryOut(*store, "lock-1", true)); // its COMMIT was never made
}

TEST_CASE_METHOD(GuardFixture, "the guard opens by the keys of today") {
    REQUIRE(carryOut(*open(), "lock-1", true));
    const auto next = *crypto::randomSecret(32);
    REQUIRE(open()->rotateDataKey(2, next.clone()));
    KeyRing today;
    today.add(2, next.clone());
    CHECK(readGuard(options.file, options.terminal, today) == Guard{true, {"lock-1"}, {}});
}

TEST_CASE_METHOD(GuardFixture, "no bulletin older than what a damaged or lost database held is installed") {
    const auto loss = GENERATE(Loss::key_check, Loss::first_page, Loss::database);
    const auto catalogue = [&](std::uint64_t version) {
        return publisher.publish("catalogue", version, {{"services", nlohmann::json::array()}});
    };
    {
        const auto store = open();
        REQUIRE(store->append(entry()));
        REQUIRE(store->install(catalogue(7), trusted));
        REQUIRE(store->install(revocation(5, entries({holder(1)})), trusted));
    }
    for (int time = 0; time < 2; ++time) { // also when it is lost before they are back
        lose(loss);
        const auto store = open();
        REQUIRE(store->append(entry()));
        CHECK(store->versionHeld("catalogue").value() == 0);
        CHECK(store->install(catalogue(6), trusted).error() == Reason::bulletin_not_newer);
        CHECK(store->install(revocation(4, entries({})), trusted).error() == Reason::bulletin_not_newer);
    }
    const auto store = open();
    CHECK(store->install(catalogue(7), trusted));
    CHECK(store->install(revocation(5, entries({holder(1)})), trusted));
    CHECK(store->isRevoked(holder(1)).value());
}
