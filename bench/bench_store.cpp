// How fast and how cheaply the store makes records durable, everything on (seal, chain, delivery state),
// beside a bare append and fdatasync of the bytes that a record has at rest in the same run, and beside what
// threads can share of it at most; and what a long backlog costs.
#include "base/hex.h"
#include "bench/disk_usage.h"
#include "bench/series.h"
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "offline_store/packing.h"
#include "offline_store/store.h"

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <barrier>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>
#include <unistd.h>

namespace {

using namespace ykt;
using namespace ykt::bench;
using namespace ykt::offline_store;
using namespace std::chrono_literals;

// What a record adds to its payload at rest: salt, nonce and tag, digests, instant, kind.
constexpr std::size_t overhead = 190;
constexpr std::size_t batchRecords = 200;

struct Options {
    std::filesystem::path folder = ".";
    double seconds = 8;
    int lanes = 16;
    std::size_t noise = 0;
    std::uint64_t backlog = 100'000;
    bool json = false;
};

// Rides as the demo's terminal records them, of each kind of medium one: 330 to 590 bytes, of which 40 to 120
// are drawn.
Bytes ridePayload(std::size_t number) {
    const auto drawn = [](std::size_t bytes) { return toHex(crypto::randomBytes(bytes).value()); };
    const auto digits = [](std::uint64_t count) {
        const auto bytes = crypto::randomBytes(8).value();
        return std::to_string(count + readBigEndian(bytes) % count).substr(1);
    };
    constexpr std::array mediums{"social_security_card", "transit_purse", "fusion_code", "transit_code"};
    const std::array ids{"640100d156" + drawn(11), "0999" + digits(UINT64_C(10'000'000'000'000'000)),
                         drawn(16), "00000000" + digits(1'000'000'000'000)};
    const auto kind = number % mediums.size();
    nlohmann::json payload{{"assurance", "authenticated"},
                           {"disclosed", {{"holder_class", "adult"}}},
                           {"fare_fen", 200},
                           {"holder_class", "adult"},
                           {"lane", kind < 2 ? "card-1" : "code-1"},
                           {"lists", {{"age_s", number % 3600}, {"catalogue", 14}, {"revocation", 310}}},
                           {"medium", mediums.at(kind)},
                           {"medium_id", ids.at(kind)},
                           {"region", "640100"},
                           {"service", "bus.ride"},
                           {"subject", drawn(16)},
                           {"verdict", "accepted"}};
    if (kind == 1) {
        payload["admitted"] = true;
        payload["purse"] = {{"amount_fen", 200},
                            {"counter", number % 5000},
                            {"debited", true},
                            {"evidence", "answer"},
                            {"issuer", drawn(8)},
                            {"serial", digits(UINT64_C(10'000'000'000'000'000))},
                            {"tac", drawn(4)},
                            {"terminal", "640100000001"},
                            {"terminal_sequence", drawn(4)},
                            {"time", "20261130" + digits(1'000'000)},
                            {"type", 6}};
    }
    return toBytes(payload.dump());
}

// Drawn before anything is measured.
const std::vector<Bytes>& payloads(const Options& options) {
    static const auto drawn = [&] {
        std::vector<Bytes> all;
        for (std::size_t number = 0; number < 1000; ++number)
            all.push_back(options.noise > 0 ? crypto::randomBytes(options.noise).value()
                                            : ridePayload(number));
        return all;
    }();
    return drawn;
}

// Of a record at rest, the mean.
std::size_t sizeAtRest(const Options& options) {
    std::size_t sum = 0;
    for (const auto& payload : payloads(options))
        sum += pack(payload).size();
    return overhead + sum / payloads(options).size();
}

struct Measured {
    std::string what;
    std::uint64_t records = 0;
    Microseconds time{};
    Series each;
    DiskUsage appending;
    DiskUsage settling; // lease and acknowledge

    [[nodiscard]] double rate() const { return static_cast<double>(records) / (time.count() / 1e6); }
    [[nodiscard]] double aRecord(std::uint64_t amount) const {
        return static_cast<double>(amount) / static_cast<double>(records);
    }
};

const drivers::SystemClock& systemClock() {
    static const drivers::SystemClock clock;
    return clock;
}

// Not systemClock(): its question of the kernel's trust in the time costs what a tenth of a record does.
using std::chrono::steady_clock;
Microseconds elapsed(steady_clock::time_point from) {
    return steady_clock::now() - from;
}

// In the folder given, and gone afterwards.
class Scratch {
  public:
    explicit Scratch(const std::filesystem::path& folder)
        : path_(folder / ("bench_store-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::unique_ptr<Store> openStore(const std::filesystem::path& file) {
    StoreOptions options;
    options.file = file;
    options.terminal = "NX-BENCH-0001";
    options.limits.undeliveredMoney = 100'000'000;
    static const auto key = crypto::randomSecret(32).value();
    return Store::open(options, key.clone(), systemClock()).value();
}

void appendAndFlush(int file, const std::string& bytes) {
    if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0)
        std::abort();
}

void bareSlice(int file, std::size_t size, Microseconds time, Measured& measured) {
    const std::string bytes(size, 'x');
    const auto begin = steady_clock::now();
    while (elapsed(begin) < time) {
        const auto one = steady_clock::now();
        appendAndFlush(file, bytes);
        measured.each.add(elapsed(one));
        ++measured.records;
    }
    measured.time += elapsed(begin);
}

// All of `lanes`, each in a thread of its own.
void inLanes(int lanes, const std::function<void(std::size_t lane)>& run) {
    std::vector<std::thread> threads;
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane)
        threads.emplace_back(run, lane);
    for (auto& thread : threads)
        thread.join();
}

// Lanes that do nothing but meet, one of them appending the bytes of all and flushing once.
void sharedSlice(int file, int lanes, std::size_t size, Microseconds time, Measured& measured) {
    const std::string bytes(size * static_cast<std::size_t>(lanes), 'x');
    const auto begin = steady_clock::now();
    bool isOver = false; // written while all wait
    std::barrier meeting(lanes, [&]() noexcept {
        appendAndFlush(file, bytes);
        measured.records += static_cast<std::uint64_t>(lanes);
        isOver = elapsed(begin) >= time;
    });
    inLanes(lanes, [&](std::size_t lane) {
        while (!isOver) {
            const auto one = steady_clock::now();
            meeting.arrive_and_wait();
            if (lane == 0)
                measured.each.add(elapsed(one));
        }
    });
    measured.time += elapsed(begin);
}

void storeSlice(Store& store, int lanes, const std::vector<Bytes>& payloads, Microseconds time,
                Measured& measured) {
    const auto begin = steady_clock::now();
    std::vector<std::vector<Microseconds>> each(static_cast<std::size_t>(lanes));
    inLanes(lanes, [&](std::size_t lane) {
        for (auto next = lane; elapsed(begin) < time; next += each.size()) {
            const Entry entry{RecordClass::money, "ride", payloads[next % payloads.size()], {}};
            const auto one = steady_clock::now();
            store.append(entry).value();
            each[lane].push_back(elapsed(one));
        }
    });
    measured.time += elapsed(begin);
    for (const auto& times : each) {
        measured.records += times.size();
        for (const auto one : times)
            measured.each.add(one);
    }
}

void settleAll(Store& store) {
    for (;;) {
        const auto batch = store.lease(batchRecords, 1'000'000, 60s).value();
        if (batch.empty())
            return;
        std::vector<Store::Settled> settled;
        for (const auto& record : batch)
            settled.push_back({record.id.sequence, "R-" + record.id.text()});
        if (!store.acknowledge(settled))
            std::abort();
    }
}

// All in turn, in slices, so that what else the machine does falls on all of them.
std::vector<Measured> measure(const Options& options) {
    constexpr int slices = 8;
    const Scratch scratch(options.folder);
    const auto& records = payloads(options);
    const auto atRest = sizeAtRest(options);
    const int file =
        ::open((scratch.path() / "bare").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const auto alone = openStore(scratch.path() / "alone.db");
    const auto together = openStore(scratch.path() / "together.db");
    std::vector<Measured> all(4);
    all[0].what = "bare append + fdatasync";
    all[1].what = "store, one lane";
    all[2].what = "bare, " + std::to_string(options.lanes) + " lanes share one";
    all[3].what = "store, " + std::to_string(options.lanes) + " lanes";
    const Microseconds time = std::chrono::duration<double>(options.seconds / slices);
    for (int slice = 0; slice < slices; ++slice) {
        auto before = diskUsage(options.folder);
        const auto note = [&](DiskUsage& usage) {
            const auto now = diskUsage(options.folder);
            usage += now - before;
            before = now;
        };
        bareSlice(file, atRest, time, all[0]);
        note(all[0].appending);
        storeSlice(*alone, 1, records, time, all[1]);
        note(all[1].appending);
        settleAll(*alone);
        note(all[1].settling);
        sharedSlice(file, options.lanes, atRest, time, all[2]);
        note(all[2].appending);
        storeSlice(*together, options.lanes, records, time, all[3]);
        note(all[3].appending);
        settleAll(*together);
        note(all[3].settling);
    }
    ::close(file);
    return all;
}

// One batch of a long backlog, and opening a store that has it.
struct Backlog {
    double lease = 0;    // µs, median, of batchRecords records
    double heldBack = 0; // µs, median: all others wait behind a leased record of their key
    double open = 0;     // ms
};

Backlog measureBacklog(const Options& options) {
    constexpr int rounds = 21;
    const Scratch scratch(options.folder);
    Backlog backlog;
    for (const bool oneKey : {false, true}) {
        const auto file = scratch.path() / (oneKey ? "one_key.db" : "keys.db");
        auto store = openStore(file);
        std::atomic<std::uint64_t> written{0};
        inLanes(options.lanes, [&](std::size_t) {
            Entry entry{RecordClass::money, "ride", {}, {}};
            for (std::uint64_t number = written++; number < options.backlog; number = written++) {
                entry.payload = payloads(options)[number % payloads(options).size()];
                entry.order = oneKey ? 1 : number / 2;
                store->append(entry).value();
            }
        });
        store.reset();
        const auto opening = steady_clock::now();
        store = openStore(file);
        backlog.open = elapsed(opening).count() / 1000;
        if (oneKey)
            store->lease(1, 1'000'000, 1h).value();
        Series series;
        for (int round = 0; round < rounds; ++round) {
            const auto one = steady_clock::now();
            store->lease(batchRecords, 1'000'000, 1h).value();
            series.add(elapsed(one));
        }
        (oneKey ? backlog.heldBack : backlog.lease) = series.at(0.5);
    }
    return backlog;
}

void printTable(const Options& options, std::vector<Measured>& all, const Backlog& backlog) {
    std::printf("%s, %zu bytes a record at rest, synchronous=FULL, in %s. Bytes and flushes a record; "
                "device: of the\n"
                "whole machine.\n\n",
                options.noise > 0 ? "Payloads of drawn bytes" : "Rides", sizeAtRest(options),
                options.folder.c_str());
    std::printf("  %-26s %9s %6s %8s %8s %8s | %8s %8s %8s %7s | %8s %8s\n", "", "records/s", "ratio",
                "p50 us", "p99 us", "p99.9 us", "written", "dirtied", "device", "flushes", "+settled",
                "total");
    for (auto& one : all) {
        std::printf("  %-26s %9.0f %6.2f %8.0f %8.0f %8.0f | %8.0f %8.0f %8.0f %7.3f | %8.0f %8.0f\n",
                    one.what.c_str(), one.rate(), one.rate() / all[0].rate(), one.each.at(0.5),
                    one.each.at(0.99), one.each.at(0.999), one.aRecord(one.appending.written),
                    one.aRecord(one.appending.dirtied), one.aRecord(one.appending.device),
                    one.aRecord(one.appending.flushes), one.aRecord(one.settling.dirtied),
                    one.aRecord(one.appending.dirtied + one.settling.dirtied));
    }
    std::printf(
        "\n  of a backlog of %llu: lease of %zu %.1f ms; all waiting behind one leased record of their key "
        "%.1f ms; opening %.0f ms\n",
        static_cast<unsigned long long>(options.backlog), batchRecords, backlog.lease / 1000,
        backlog.heldBack / 1000, backlog.open);
}

void printJson(std::vector<Measured>& all, const Backlog& backlog) {
    nlohmann::json json;
    for (auto& one : all)
        json["rows"].push_back({{"what", one.what},
                                {"records", one.records},
                                {"records_per_s", one.rate()},
                                {"ratio", one.rate() / all[0].rate()},
                                {"p50_us", one.each.at(0.5)},
                                {"p99_us", one.each.at(0.99)},
                                {"p999_us", one.each.at(0.999)},
                                {"written_bytes", one.aRecord(one.appending.written)},
                                {"dirtied_bytes", one.aRecord(one.appending.dirtied)},
                                {"device_bytes", one.aRecord(one.appending.device)},
                                {"flushes", one.aRecord(one.appending.flushes)},
                                {"settling_dirtied_bytes", one.aRecord(one.settling.dirtied)}});
    json["backlog"] = {
        {"lease_us", backlog.lease}, {"held_back_us", backlog.heldBack}, {"open_ms", backlog.open}};
    std::puts(json.dump(2).c_str());
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Durable appends of the store beside a bare append and fdatasync of the same bytes");
    app.add_option("--folder", options.folder, "On the disk to measure; not a RAM disk")
        ->capture_default_str();
    app.add_option("--seconds", options.seconds, "For each of the four rows")->capture_default_str();
    app.add_option("--lanes", options.lanes, "Threads that append at one time")->capture_default_str();
    app.add_option("--noise", options.noise,
                   "Payloads of so many drawn bytes, which nothing makes smaller; else rides");
    app.add_option("--backlog", options.backlog, "Records that wait")->capture_default_str();
    app.add_flag("--json", options.json, "For machines");
    CLI11_PARSE(app, argc, argv);
    auto all = measure(options);
    const auto backlog = measureBacklog(options);
    if (options.json)
        printJson(all, backlog);
    else
        printTable(options, all, backlog);
    return 0;
}
