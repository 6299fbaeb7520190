// What protects outlives a power cut and the loss of the database together: the guard is never behind what
// was committed, and an epoch that numbered a record is never given again.
#include "cut_fixture.h"

using namespace ykt;
using namespace ykt::offline_store;

namespace {

struct LossFixture : CutFixture {
    [[nodiscard]] Bytes catalogue(std::uint64_t version) const {
        return publisher.publish("catalogue", version, {{"services", nlohmann::json::array()}});
    }

    // What the database holds, read by itself and elsewhere: opening a store mends what lies beside it. Then
    // it is lost.
    struct Held {
        std::int64_t locked = 0;
        std::int64_t version = 0; // of the catalogue
        std::int64_t epoch = 0;
    };
    [[nodiscard]] Held loseDatabase() const {
        const auto name = options.file.filename();
        const std::filesystem::path elsewhere = copy.string() + "-2";
        std::filesystem::copy(copy, elsewhere, std::filesystem::copy_options::recursive);
        const auto ask = [&](const std::string& sql) -> std::int64_t {
            try {
                SQLite::Database database(elsewhere / name, SQLite::OPEN_READWRITE);
                return database.execAndGet(sql).getInt64();
            } catch (const SQLite::Exception&) { // there is none yet, or nothing in it
                return 0;
            }
        };
        const Held held{ask("SELECT value FROM setting WHERE name = 'locked'"),
                        ask("SELECT version FROM bulletin WHERE kind = 'catalogue'"),
                        ask("SELECT value FROM setting WHERE name = 'epoch'")};
        std::filesystem::remove_all(elsewhere);
        for (const auto* suffix : {"", "-wal", "-shm"})
            std::filesystem::remove(copy / (name.string() + suffix));
        return held;
    }

    [[nodiscard]] bool isGuarded(const Held& held) const {
        const auto store = openCopy().value();
        const auto older = store->install(catalogue(6), trusted);
        return (held.locked == 0 || store->isLocked().value()) &&
               (held.version < 7 || (!older && older.error() == Reason::bulletin_not_newer));
    }
    [[nodiscard]] bool isNumberedAnew(const Held& held) const {
        const auto store = openCopy();
        return store && (*store)->last().epoch > held.epoch;
    }
};

} // namespace

TEST_CASE_METHOD(LossFixture, "a power cut at any write of an order leaves a guard that is not behind") {
    open();
    const auto work = [&](Store& store) {
        (void)store.carryOut("lock-1", {.locked = true}, entry(RecordClass::security_event));
        (void)store.install(catalogue(7), trusted);
    };
    std::uint64_t cuts = 0;
    for (; cutAt(cuts + 1, cuts, false, work); ++cuts) {
        CAPTURE(cuts);
        REQUIRE(isGuarded(loseDatabase()));
    }
    const auto whole = loseDatabase(); // the run without a cut
    REQUIRE((whole.locked == 1 && whole.version == 7));
    REQUIRE(isGuarded(whole));
    CHECK(cuts > 20);

    bool isLost = false; // with flushes that do nothing
    for (std::uint64_t seed = 1; seed <= 5 && !isLost; ++seed)
        for (std::uint64_t call = 1; !isLost && cutAt(call, seed, true, work); ++call)
            isLost = !isGuarded(loseDatabase());
    CHECK(isLost);
}

TEST_CASE_METHOD(LossFixture, "a power cut at any write of the first start gives no epoch twice") {
    const auto work = [](Store& store) { (void)store.append(entry()); };
    std::uint64_t cuts = 0;
    for (; cutAt(cuts + 1, cuts, false, work); ++cuts) {
        CAPTURE(cuts);
        REQUIRE(isNumberedAnew(loseDatabase()));
    }
    const auto whole = loseDatabase(); // the run without a cut
    REQUIRE(whole.epoch == 1);
    REQUIRE(isNumberedAnew(whole));
    CHECK(cuts > 20);

    bool isLost = false; // with flushes that do nothing
    for (std::uint64_t seed = 1; seed <= 5 && !isLost; ++seed)
        for (std::uint64_t call = 1; !isLost && cutAt(call, seed, true, work); ++call)
            isLost = !isNumberedAnew(loseDatabase());
    CHECK(isLost);
}
