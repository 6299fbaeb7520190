// The program ends while a damaged database is being replaced, between any two steps: nothing is lost, no id
// is given twice, and a terminal that was locked stays so. YKT_SEED plays a run again, YKT_KILLS says how
// many.
#include "tests/environment.h"
#include "tests/offline_store/fixture.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

using namespace ykt;
using namespace ykt::offline_store;
using test::numberFrom;

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t records = 150;

// A locked terminal's store with records that wait, which tells that it is damaged, and its write-ahead log.
struct Damaged : Fixture {
    Damaged() {
        const auto store = open();
        for (std::uint64_t i = 0; i < records; ++i)
            REQUIRE(store->append(entry()));
        REQUIRE(store->carryOut("lock-1", {.locked = true}, entry(RecordClass::security_event)));
    }
    void damage() const { direct().exec("UPDATE setting SET value = x'00' WHERE name = 'key_check'"); }
    [[nodiscard]] fs::path named(const std::string& suffix) const { return options.file.string() + suffix; }

    // Everything is there once, whichever epoch it ended in.
    void checkWhole() const {
        const auto store = open();
        CHECK(store->isLocked().value());
        REQUIRE(store->read(1)->kind == "store_replaced");
        CHECK(nlohmann::json::parse(store->read(1)->payload)["unreadable"] == 0);
        const auto batch = store->leaseSalvaged(1000, 1'000'000, std::chrono::minutes{1});
        REQUIRE(batch);
        std::set<std::uint64_t> sequences;
        for (const auto& record : *batch) {
            CHECK(record.id.epoch == 1);
            sequences.insert(record.id.sequence);
        }
        CHECK(sequences.size() == records + 1);
        CHECK(batch->size() == records + 1);
        CHECK(fs::exists(named(".damaged-1")));
        CHECK_FALSE(fs::exists(named(".fresh")));
        CHECK(store->last().epoch > 1);
        CHECK(store->append(entry())->id.sequence == 2);
    }
};

} // namespace

TEST_CASE_METHOD(Damaged,
                 "a replacement that was killed at any moment is finished or begun anew, and loses nothing") {
    const auto kills = numberFrom("YKT_KILLS", 200) / 4;
    const auto seed = numberFrom("YKT_SEED", std::random_device{}());
    std::mt19937_64 random(seed);
    std::chrono::microseconds whole{}; // how long one takes that nobody kills
    {
        const Damaged left;
        left.damage();
        const auto begun = std::chrono::steady_clock::now();
        REQUIRE(left.tryOpen());
        whole =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    }
    std::uint64_t whileAtIt = 0;
    for (std::uint64_t i = 0; i < kills; ++i) {
        const Damaged left;
        left.damage();
        const auto child = ::fork();
        if (child == 0) {
            const auto store = left.tryOpen();
            ::_exit(store ? 0 : 1);
        }
        ::usleep(static_cast<useconds_t>(random() % static_cast<std::uint64_t>(whole.count() * 5 / 4)));
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        whileAtIt += WIFSIGNALED(status) ? 1 : 0;
        INFO("YKT_SEED=" << seed << ", kill " << i);
        left.checkWhole();
    }
    std::printf("replacements: YKT_SEED=%llu, %llu of %llu killed at it, of some %lld us\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(whileAtIt),
                static_cast<unsigned long long>(kills), static_cast<long long>(whole.count()));
}

// The steps one by one, as a cut leaves the names. A fresh one is whole and flushed before the first of them.
TEST_CASE_METHOD(Damaged, "names that were half changed are changed") {
    damage();
    std::ofstream(named("-wal")) << "left of the damaged one";
    const auto wal = fs::file_size(named("-wal"));
    { // a whole fresh one, as it lies beside the damaged one
        const test::TemporaryFolder beside;
        for (const auto& file : fs::directory_iterator(folder.path()))
            fs::copy(file.path(), beside.path() / file.path().filename());
        auto elsewhere = options;
        elsewhere.file = beside.path() / options.file.filename();
        REQUIRE(Store::open(elsewhere, key.clone(), clock));
        fs::copy(elsewhere.file, named(".fresh"));
        fs::copy(elsewhere.file.string() + ".epoch", named(".epoch"), fs::copy_options::overwrite_existing);
    }
    const auto step = GENERATE(1, 2, 3, 4);
    if (step >= 2)
        fs::rename(options.file, named(".damaged-1"));
    if (step >= 3)
        fs::rename(named("-wal"), named(".damaged-1-wal"));
    if (step == 4)
        fs::rename(named(".fresh"), options.file);
    INFO("step " << step);
    checkWhole();
    if (step >= 2)
        CHECK(fs::file_size(named(".damaged-1-wal")) == wal);
}

TEST_CASE_METHOD(Damaged, "an epoch file that was half written is not the epoch file") {
    damage();
    std::ofstream(named(".epoch.new")) << "\x5a";
    checkWhole();
    CHECK(open()->last().epoch == 2);
}
