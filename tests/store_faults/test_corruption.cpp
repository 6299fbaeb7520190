// Bytes of the database change at random while it is closed: it is replaced or works on, what can be read of
// it is delivered under its old ids, and nothing false is. YKT_SEED plays a run again, YKT_CORRUPTIONS says
// how many.
#include "tests/environment.h"
#include "tests/offline_store/fixture.h"
#include "workload.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sys/wait.h>

using namespace ykt;
using namespace ykt::offline_store;
using test::numberFrom;

namespace {

namespace fs = std::filesystem;
using Ledger = std::map<std::string, crypto::Digest>; // by record id

constexpr std::uint64_t pageSize = 1024;

enum class Damage { flips, header, page, truncation, log };

void overwrite(const fs::path& file, std::uint64_t offset, const Bytes& bytes) {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(offset));
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void flip(const fs::path& file, std::uint64_t from, std::uint64_t size, std::mt19937_64& random) {
    for (auto times = 1 + random() % 8; size > 0 && times > 0; --times)
        overwrite(file, from + random() % size, {static_cast<std::uint8_t>(random())});
}

void damage(const fs::path& file, Damage how, std::mt19937_64& random) {
    const auto size = fs::file_size(file);
    switch (how) {
    case Damage::flips:
        return flip(file, 0, size, random);
    case Damage::header:
        return flip(file, 0, 100, random);
    case Damage::page:
        return overwrite(file, random() % (size / pageSize) * pageSize, Bytes(pageSize, 0));
    case Damage::truncation:
        return fs::resize_file(file, random() % size);
    case Damage::log:
        return flip(file.string() + "-wal", 0, fs::file_size(file.string() + "-wal"), random);
    }
}

// A store that was left with records in all states; of those that wait, what they are.
struct Left : Fixture {
    Ledger waiting;
    Ledger all;

    explicit Left(bool killed) {
        // In a child, so that it can end without closing: then the write-ahead log is full.
        const auto child = ::fork();
        if (child == 0) {
            auto store = open();
            for (int i = 0; i < 120; ++i)
                if (!store->append(entry(RecordClass::money, toHex(*crypto::randomBytes(150)))))
                    ::_exit(1);
            for (std::uint64_t sequence = 1; sequence <= 40; ++sequence)
                (void)store->acknowledge({{sequence, "R"}});
            (void)store->openIntent({claimKey(1), toBytes("intent"), {}});
            if (!killed)
                store.reset();
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(status == 0);
        // Opening the original would empty its log.
        const test::TemporaryFolder copy;
        for (const auto& file : fs::directory_iterator(folder.path()))
            fs::copy(file.path(), copy.path() / file.path().filename());
        auto looked = options;
        looked.file = copy.path() / options.file.filename();
        const auto store = *Store::open(looked, key.clone(), clock);
        const auto listed = *store->list(1, 1000);
        for (const auto& summary : listed) {
            all[summary.id.text()] = store->read(summary.id.sequence)->hash;
            if (summary.state == DeliveryState::pending)
                waiting[summary.id.text()] = all[summary.id.text()];
        }
        REQUIRE(waiting.size() == 80);
    }
};

// Takes all that comes, as a back office does: false when an id comes with another content.
bool deliverAll(Store& store, Ledger& ledger) {
    for (;;) {
        auto batch = store.lease(50, 100'000, std::chrono::minutes{1});
        if (batch && batch->empty())
            batch = store.leaseSalvaged(50, 100'000, std::chrono::minutes{1});
        INFO((batch ? "" : explain(batch.error())));
        REQUIRE(batch);
        if (batch->empty())
            return true;
        std::vector<Store::Settled> settled;
        for (const auto& record : *batch) {
            REQUIRE(record.id.epoch == batch->front().id.epoch);
            if (chainHash(record) != record.hash ||
                ledger.emplace(record.id.text(), record.hash).first->second != record.hash)
                return false;
            settled.push_back({record.id.sequence, "R"});
        }
        REQUIRE(store.acknowledge(settled, batch->front().id.epoch));
    }
}

struct Tally {
    std::uint64_t replaced = 0, salvaged = 0, unreadable = 0, intents = 0, worksOn = 0;
};

void check(const Left& left, Tally& tally) {
    const auto store = left.tryOpen();
    INFO((store ? "" : explain(store.error())));
    REQUIRE(store);
    const auto first = (*store)->read(1);
    const bool replaced = first && first->kind == "store_replaced";
    REQUIRE(replaced == fs::exists(left.options.file.string() + ".damaged-1"));
    auto ledger = left.all; // what upstream may have: an id of these with another content is a lie
    Ledger delivered;
    REQUIRE(deliverAll(**store, delivered));
    for (const auto& [id, hash] : delivered)
        REQUIRE(ledger.emplace(id, hash).first->second == hash);
    const auto arrived = static_cast<std::uint64_t>(
        std::count_if(left.waiting.begin(), left.waiting.end(),
                      [&](const auto& one) { return delivered.contains(one.first); }));
    if (!replaced) {
        ++tally.worksOn;
        // What is missing is known to be: dead as unreadable, or cut off with the log's end.
        REQUIRE((*store)->append(entry()));
        return;
    }
    ++tally.replaced;
    REQUIRE(first->id.epoch == 2);
    const auto told = nlohmann::json::parse(first->payload);
    // Exact: each sequence that is known to have been given has arrived or is told as unreadable.
    const auto last = told["last_sequence"].get<std::uint64_t>();
    const auto ofOldEpoch = static_cast<std::uint64_t>(
        std::ranges::count_if(delivered, [&](const auto& one) { return left.all.contains(one.first); }));
    CHECK(told["salvaged"].get<std::uint64_t>() == ofOldEpoch);
    CHECK(told["unreadable"].get<std::uint64_t>() + ofOldEpoch == last);
    tally.salvaged += arrived;
    tally.unreadable += left.waiting.size() - arrived;
    tally.intents += told["intents"].get<std::uint64_t>();
    CHECK((*store)->openIntents()->size() == told["intents"].get<std::uint64_t>());
    CHECK((*store)->counts()->salvaged == 0);
}

} // namespace

TEST_CASE("bytes that change at random are survived: salvaged, told, and nothing false is delivered") {
    const auto corruptions = numberFrom("YKT_CORRUPTIONS", 120);
    const auto seed = numberFrom("YKT_SEED", std::random_device{}());
    std::mt19937_64 random(seed);
    for (const auto how : {Damage::flips, Damage::header, Damage::page, Damage::truncation, Damage::log}) {
        Tally tally;
        for (std::uint64_t i = 0; i < corruptions / 5; ++i) {
            const Left left(how == Damage::log);
            damage(left.options.file, how, random);
            INFO("YKT_SEED=" << seed << ", damage " << static_cast<int>(how) << ", " << i);
            check(left, tally);
        }
        std::printf(
            "damage %d: YKT_SEED=%llu, %llu replaced, %llu work on; of the replaced ones' waiting records "
            "%llu delivered, %llu unreadable; %llu intents\n",
            static_cast<int>(how), static_cast<unsigned long long>(seed),
            static_cast<unsigned long long>(tally.replaced), static_cast<unsigned long long>(tally.worksOn),
            static_cast<unsigned long long>(tally.salvaged),
            static_cast<unsigned long long>(tally.unreadable),
            static_cast<unsigned long long>(tally.intents));
    }
}
