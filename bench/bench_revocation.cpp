// The revocation list at the size of a region: installing, deltas, look-ups beside std::binary_search and
// std::unordered_set, size and memory. Prints a table, or JSON with --json; docs/performance.md quotes it.
#include "base/base64.h"
#include "base/hex.h"
#include "bench/series.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "offline_store/durable_file.h"
#include "offline_store/revocation_file.h"
#include "tests/temporary_folder.h"

#include <cstring>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <unordered_set>

namespace {

using namespace ykt;
using namespace ykt::bench;
using nlohmann::json;
using offline_store::RevocationKey;
using offline_store::Store;

constexpr std::size_t entries = 2'000'000;
constexpr std::size_t deltaEntries = 10'000; // half added, half removed
constexpr int deltas = 10;                   // of which one makes a new file
constexpr std::size_t questions = 200'000;
constexpr std::size_t questionsAtOnce = 100; // one reading of the clock for so many

using Keys = std::vector<RevocationKey>;
using Clock = std::chrono::steady_clock;

Keys randomKeys(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Keys keys(count);
    for (auto& key : keys)
        for (std::size_t half = 0; half < 2; ++half) {
            const auto word = random();
            std::memcpy(key.data() + 8 * half, &word, 8);
        }
    return keys;
}

Keys sorted(Keys keys) {
    std::sort(keys.begin(), keys.end());
    return keys;
}

json hexOf(const Keys& keys) {
    auto list = json::array();
    for (const auto& key : keys)
        list.push_back(toHex(key));
    return list;
}

void must(const Result<void>& done) {
    if (!done)
        throw std::runtime_error(explain(done.error()));
}

// On a busy machine the processor's time says more than the clock's.
struct Cost {
    double wall = 0; // milliseconds, both
    double processor = 0;
};
Cost costOf(const auto& work) {
    const auto before = Clock::now();
    const auto processor = std::clock();
    work();
    const std::chrono::duration<double, std::milli> wall = Clock::now() - before;
    return {wall.count(), static_cast<double>(std::clock() - processor) * 1000.0 / CLOCKS_PER_SEC};
}

// Nanoseconds of one question, median and 99th percentile of the means of a hundred.
struct Speed {
    double median = 0;
    double p99 = 0;
};
Speed speedOf(const Keys& asked, bool expected, const auto& isListed) {
    Series series;
    for (std::size_t i = 0; i + questionsAtOnce <= asked.size(); i += questionsAtOnce) {
        std::size_t listed = 0;
        const auto before = Clock::now();
        for (std::size_t k = 0; k < questionsAtOnce; ++k)
            listed += isListed(asked[i + k]) ? 1U : 0U;
        series.add((Clock::now() - before) * 1000.0 / static_cast<double>(questionsAtOnce));
        if (listed != (expected ? questionsAtOnce : 0))
            throw std::runtime_error("a wrong answer");
    }
    return {series.at(0.5), series.at(0.99)};
}

// Of this process, in MB: what is its own, and what of files is mapped into it and present.
struct Memory {
    double own = 0;
    double files = 0;
};
Memory memoryNow() {
    std::ifstream in("/proc/self/status");
    Memory memory;
    for (std::string name, line; in >> name; std::getline(in, line)) {
        if (name == "RssAnon:")
            in >> memory.own;
        if (name == "RssFile:")
            in >> memory.files;
    }
    return {memory.own / 1024, memory.files / 1024};
}

double peakMegabytes() {
    std::ifstream in("/proc/self/status");
    double peak = 0;
    for (std::string name, line; in >> name; std::getline(in, line))
        if (name == "VmHWM:")
            in >> peak;
    return peak / 1024;
}

class Region {
  public:
    Region() : list_(sorted(randomKeys(entries, 1))) { openStore(); }

    json measure() {
        json out;
        out["entries"] = entries;
        out["memory_before_mb"] = memoryNow().own;
        put(out, "install", costOf([&] { installWhole(); }));
        out["install_peak_mb"] = peakMegabytes();
        store_.reset();
        put(out, "open", costOf([&] { openStore(); }));
        out["memory_own_mb"] = memoryNow().own;
        out["memory_files_mb"] = memoryNow().files;
        out["filter_bits"] = filterBits();
        const auto hits = someOf(list_, 5);
        const auto misses = randomKeys(questions, 6);
        const auto isRevoked = [&](const RevocationKey& key) { return store_->isRevoked(key).value(); };
        put(out, "store", hits, misses, isRevoked);
        put(out, "binary_search", hits, misses,
            [&](const RevocationKey& key) { return std::binary_search(list_.begin(), list_.end(), key); });
        putUnorderedSet(out, hits, misses);
        putDeltas(out);
        put(out, "store_after_deltas", someOf(list_, 7), misses, isRevoked);
        return out;
    }

  private:
    void openStore() {
        store_ =
            Store::open({folder_.path() / "store.db", "NX-BUS-0001", {}}, dataKey_.clone(), clock_).value();
    }
    [[nodiscard]] Bytes publish(const json& body) {
        const auto now = unixSeconds(clock_.now().wall);
        const auto content = json{
            {"kind", "revocation"},
            {"version", ++version_},
            {"not_before", now - 60},
            {"not_after", now + 86'400},
            {"body", body}}.dump();
        return toBytes(json{{"content", toBase64(asBytes(content))},
                            {"signature", toHex(publisher_.sign(asBytes(content)).value())}}
                           .dump());
    }
    // The file is there already, as after its download.
    void installWhole() {
        const auto bytes = offline_store::bytesOf(list_);
        const auto bulletin = publish(
            {{"file",
              {{"sha256", toHex(crypto::sha256(bytes))}, {"bytes", bytes.size()}, {"count", list_.size()}}}});
        const auto opened = offline_store::openBulletin(bulletin, publisher_.publicKey()).value();
        const auto file = store_->attachmentOf(opened).value().value();
        must(offline_store::writeFrom(file.path, 0, bytes));
        must(store_->install(bulletin, publisher_.publicKey()));
    }
    // Listed keys in an order that no cache foresees.
    static Keys someOf(const Keys& list, std::uint64_t seed) {
        std::mt19937_64 random(seed);
        Keys some(questions);
        for (auto& key : some)
            key = list[random() % list.size()];
        return some;
    }
    [[nodiscard]] double filterBits() const {
        for (const auto& file : std::filesystem::directory_iterator(folder_.path()))
            if (file.path().filename().string().find(".revocation-") != std::string::npos)
                return static_cast<double>(file.file_size() - 16 * entries) * 8 /
                       static_cast<double>(entries);
        return 0;
    }
    static void put(json& out, const std::string& name, const Cost& cost) {
        out[name] = {{"wall_ms", cost.wall}, {"processor_ms", cost.processor}};
    }
    static void put(json& out, const std::string& name, const Keys& hits, const Keys& misses,
                    const auto& isListed) {
        const auto hit = speedOf(hits, true, isListed);
        const auto miss = speedOf(misses, false, isListed);
        out[name] = {{"hit_ns", hit.median},
                     {"hit_p99_ns", hit.p99},
                     {"miss_ns", miss.median},
                     {"miss_p99_ns", miss.p99}};
    }
    void putUnorderedSet(json& out, const Keys& hits, const Keys& misses) const {
        struct FirstWord { // the keys are digests
            std::size_t operator()(const RevocationKey& key) const {
                std::size_t word = 0;
                std::memcpy(&word, key.data(), sizeof word);
                return word;
            }
        };
        const auto before = memoryNow().own;
        const std::unordered_set<RevocationKey, FirstWord> set(list_.begin(), list_.end());
        out["unordered_set_mb"] = memoryNow().own - before;
        put(out, "unordered_set", hits, misses, [&](const RevocationKey& key) { return set.contains(key); });
    }
    void putDeltas(json& out) {
        std::vector<double> wall;
        std::vector<double> processor;
        for (int round = 0; round < deltas; ++round) {
            const auto add = sorted(randomKeys(deltaEntries / 2, 100 + static_cast<std::uint64_t>(round)));
            Keys remove;
            for (std::size_t i = 0; i < deltaEntries / 2; ++i)
                remove.push_back(list_[(i * 397 + static_cast<std::size_t>(round)) % list_.size()]);
            remove = sorted(std::move(remove));
            const auto bulletin =
                publish({{"delta", {{"base", version_}, {"add", hexOf(add)}, {"remove", hexOf(remove)}}}});
            const auto cost = costOf([&] { must(store_->install(bulletin, publisher_.publicKey())); });
            wall.push_back(cost.wall);
            processor.push_back(cost.processor);
            Keys left;
            std::set_difference(list_.begin(), list_.end(), remove.begin(), remove.end(),
                                std::back_inserter(left));
            list_.clear();
            std::set_union(left.begin(), left.end(), add.begin(), add.end(), std::back_inserter(list_));
        }
        std::sort(wall.begin(), wall.end());
        std::sort(processor.begin(), processor.end());
        put(out, "delta", {wall[deltas / 2], processor[deltas / 2]});
        put(out, "delta_with_new_file", {wall.back(), processor.back()});
    }

    test::TemporaryFolder folder_{std::filesystem::current_path()}; // on a disk, where /tmp may not be
    drivers::SystemClock clock_;
    Secret dataKey_ = crypto::randomSecret(32).value();
    crypto::Sm2PrivateKey publisher_ = crypto::Sm2PrivateKey::generate().value();
    std::uint64_t version_ = 0;
    Keys list_;
    std::unique_ptr<Store> store_;
};

void print(const json& out) {
    const auto number = [&](const char* name) { return out.at(name).get<double>(); };
    std::printf("%zu entries\n", entries);
    const auto cost = [&](const char* name, const char* what) {
        std::printf("  %-38s %8.1f ms, processor %8.1f ms\n", what, out.at(name).at("wall_ms").get<double>(),
                    out.at(name).at("processor_ms").get<double>());
    };
    cost("install", "install, with the file written");
    cost("open", "open the store, file checked whole");
    cost("delta", "delta of 10,000, median");
    cost("delta_with_new_file", "the one that makes a new file");
    std::printf("  %-38s %8.2f\n", "bits an entry for 'no'", number("filter_bits"));
    std::printf("  %-38s %8.0f MB\n", "peak memory while installing", number("install_peak_mb"));
    std::printf("  %-38s %8.1f MB of files\n", "memory with the list open", number("memory_files_mb"));
    std::printf("  %-38s %8.1f MB\n", "std::unordered_set", number("unordered_set_mb"));
    std::printf("  %-22s %10s %10s %10s %10s\n", "look-up, ns", "hit", "99 %", "miss", "99 %");
    for (const auto* name : {"store", "store_after_deltas", "binary_search", "unordered_set"}) {
        const auto& row = out.at(name);
        std::printf("  %-22s %10.0f %10.0f %10.0f %10.0f\n", name, row.at("hit_ns").get<double>(),
                    row.at("hit_p99_ns").get<double>(), row.at("miss_ns").get<double>(),
                    row.at("miss_p99_ns").get<double>());
    }
}

} // namespace

int main(int argc, char** argv) {
    const auto measured = Region().measure();
    if (argc > 1 && std::string_view(argv[1]) == "--json")
        std::printf("%s\n", measured.dump(2).c_str());
    else
        print(measured);
    return 0;
}
