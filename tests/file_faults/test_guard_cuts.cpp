// What protects outlives a power cut and the loss of the database together: the guard is never behind what
// was committed, and an epoch that numbered a record is never given again.
#include "cut_fixture.h"
#include "offline_store/guard_file.h"

#include <algorithm>
#include <fstream>

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

    [[nodiscard]] std::uint32_t epochBeside() const {
        std::uint32_t epoch = 0;
        std::ifstream(fileInCopy().string() + ".epoch") >> epoch;
        return epoch;
    }

    // Power goes at each change of the disk in turn while a child works; then the database is lost. What the
    // run without a cut held. With flushes that do nothing the same cuts find a loss.
    Held cutEach(const std::function<void(Store&)>& work,
                 const std::function<bool(const Held&)>& isKept) const {
        std::uint64_t cuts = 0;
        for (; cutAt(cuts + 1, cuts, false, work); ++cuts) {
            CAPTURE(cuts);
            REQUIRE(isKept(loseDatabase()));
        }
        const auto whole = loseDatabase();
        REQUIRE(isKept(whole));
        CHECK(cuts > 20);

        bool isLost = false;
        for (std::uint64_t seed = 1; seed <= 5 && !isLost; ++seed)
            for (std::uint64_t call = 1; !isLost && cutAt(call, seed, true, work); ++call)
                isLost = !isKept(loseDatabase());
        CHECK(isLost);
        return whole;
    }
};

} // namespace

TEST_CASE_METHOD(LossFixture, "a power cut at any write of an order leaves a guard that is not behind") {
    open();
    const auto whole = cutEach(
        [&](Store& store) {
            (void)store.carryOut("lock-1", {.locked = true}, entry(RecordClass::security_event));
            (void)store.install(catalogue(7), trusted);
        },
        [&](const Held& held) { return isGuarded(held); });
    CHECK((whole.locked == 1 && whole.version == 7));
}

TEST_CASE_METHOD(LossFixture, "a power cut at any write of the first start gives no epoch twice") {
    const auto whole = cutEach([](Store& store) { (void)store.append(entry()); },
                               [&](const Held& held) { return isNumberedAnew(held); });
    CHECK(whole.epoch == 1);
}

TEST_CASE_METHOD(LossFixture, "whichever change of the disk fails, an order is carried out or is not") {
    REQUIRE(open()->install(catalogue(6), trusted));
    const int code = GENERATE(EIO, ENOSPC);
    const auto newest = catalogue(7);
    const auto errors = failEach(
        code,
        [&](Store& store) {
            return store.carryOut("lock-1", {.locked = true}, entry(RecordClass::security_event))
                .and_then([&](bool) -> Result<void> {
                    return store.versionHeld("catalogue") == 7 ? Result<void>()
                                                               : store.install(newest, trusted);
                });
        },
        [&](bool isDone) {
            const auto guard = readGuard(fileInCopy(), options.terminal, key.clone()); // opening mends it
            const auto store = openCopy().value();
            const bool isLocked = store->isLocked().value();
            const auto version = store->versionHeld("catalogue").value();
            const auto reports = store->last().sequence; // one, once it is carried out
            if (!guard || guard->locked != isLocked || guard->versions.at("catalogue") < version)
                return false;
            return isDone ? isLocked && version == 7 && reports == 1
                          : (version == 6 || version == 7) && (reports == 0 || (reports == 1 && isLocked));
        });
    CHECK(errors > 10);
}

TEST_CASE_METHOD(LossFixture, "whichever change of the disk fails at the first start, the second succeeds") {
    const int code = GENERATE(EIO, ENOSPC);
    // A first start that took a number and made no database is told by a record of its own (store_lost).
    const auto rides = [](Store& store) {
        return std::ranges::count(store.list(1, 9).value(), "ride", &RecordSummary::kind);
    };
    const auto errors = failEach(
        code,
        [&](Store& store) {
            return rides(store) == 1 ? Result<void>() : store.append(entry()).map([](const Record&) {});
        },
        [&](bool isDone) {
            const auto store = openCopy().value();
            return rides(*store) == (isDone ? 1 : 0) && store->verifyChain() &&
                   epochBeside() >= store->last().epoch;
        });
    CHECK(errors > 10);
}
