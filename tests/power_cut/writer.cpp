// power_cut_writer FILE KEYFILE APPENDED ACKNOWLEDGED BULLETIN [lie]: opens the store, checks that it holds
// at least as much as was promised before the power was cut, says "kept ..." or "lost ...", and then works
// until it is cut, saying after each promise what it was. scripts/power-cut reads that and passes it to the
// next boot.
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "offline_store/store.h"
#include "sim/bulletins.h"
#include "tests/power_cut/lying_disk.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>
#include <thread>
#include <unistd.h>

using namespace ykt;
using offline_store::Entry;
using offline_store::RecordClass;
using offline_store::Store;

namespace {

constexpr int lanes = 2;
constexpr auto kind = "catalogue";

struct Promised {
    std::uint64_t appended = 0, acknowledged = 0, bulletin = 0;
};

// One write for one line: lanes share the console.
void say(const std::string& line) {
    const auto text = line + "\n";
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
}

// Whatever else fails is a fault of the test or of the store, never a loss that passed unseen.
template <typename T>
T must(Result<T> result, std::string_view doing) {
    if (!result) {
        say("failed " + std::string(doing) + ": " + explain(result.error()));
        std::_Exit(2);
    }
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

Entry ride(WallTime now) {
    offline_store::Claim once;
    const auto random = must(crypto::randomBytes(once.key.size()), "drawing a key");
    std::copy(random.begin(), random.end(), once.key.begin());
    once.until = now + std::chrono::hours{1};
    return {RecordClass::access, "ride", must(crypto::randomBytes(300), "drawing a payload"), {once}};
}

std::uint64_t lastSequence(Store& store) {
    std::uint64_t last = 0;
    for (;;) {
        const auto more = must(store.list(last + 1, 1000), "listing");
        if (more.empty())
            return last;
        if (more.front().id.epoch != 1)
            say("lost the database: epoch " + std::to_string(more.front().id.epoch));
        last = more.back().id.sequence;
    }
}

bool check(Store& store, const Promised& promised) {
    const auto last = lastSequence(store);
    const auto counts = must(store.counts(), "counting");
    const auto bulletin = must(store.bulletin(kind), "reading the bulletin");
    const auto version = bulletin ? bulletin->version : 0;
    const auto chain = store.verifyChain();
    const auto open = must(store.openIntents(), "reading intents").size();
    const bool kept = chain && last >= promised.appended && counts.acknowledged >= promised.acknowledged &&
                      version >= promised.bulletin && open <= lanes &&
                      last == counts.pending + counts.leased + counts.acknowledged + counts.dead;
    std::ostringstream line;
    line << (kept ? "kept: " : "lost: ") << last << " records of " << promised.appended << " promised, "
         << counts.acknowledged << " acknowledged of " << promised.acknowledged << ", bulletin " << version
         << " of " << promised.bulletin << ", " << open << " intents open, chain "
         << (chain ? "whole" : explain(chain.error()));
    say(line.str());
    return kept;
}

// As the terminal does with what a cut left torn; else each cut would leave more of them open.
void settleTorn(Store& store) {
    for (const auto& intent : must(store.openIntents(), "reading intents"))
        must(store.settleIntent(intent.number, Store::Purchase::not_made, std::nullopt),
             "settling a torn intent");
}

void runLane(Store& store, const hal::Clock& clock, std::uint8_t lane) {
    for (unsigned round = 0;; ++round) {
        if (round % 5 != 0) {
            const auto record = must(store.append(ride(clock.now().wall)), "appending");
            say("appended " + std::to_string(record.id.sequence));
            continue;
        }
        offline_store::IntentEntry purchase{};
        purchase.medium.fill(lane);
        purchase.payload = toBytes("{}");
        const auto intent = must(store.openIntent(purchase), "opening an intent");
        const auto record = must(store.settleIntent(intent.number, Store::Purchase::made,
                                                    Entry{RecordClass::money, "ride", toBytes("{}"), {}}),
                                 "settling an intent");
        say("appended " + std::to_string(record->id.sequence));
    }
}

void runDelivery(Store& store, const hal::Clock& clock, std::uint64_t version) {
    const auto publisher = must(sim::BulletinPublisher::create(), "making a publisher");
    for (;;) {
        const auto batch = must(store.lease(16, 65'536, Milliseconds{60'000}), "leasing");
        std::vector<Store::Settled> settled;
        for (const auto& record : batch)
            settled.push_back({record.id.sequence, "R"});
        must(store.acknowledge(settled), "acknowledging");
        say("acknowledged " + std::to_string(must(store.counts(), "counting").acknowledged));
        const auto now = clock.now().wall;
        const auto bulletin = must(publisher.publish(kind, ++version, now - std::chrono::hours{1},
                                                     now + std::chrono::hours{1}, R"({"services":[]})"),
                                   "publishing");
        must(store.install(bulletin, publisher.publicKey()), "installing");
        say("installed " + std::to_string(version));
    }
}

Secret readKey(const char* file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    return Secret(toBytes(bytes));
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 6) {
        std::cerr << "usage: power_cut_writer FILE KEYFILE APPENDED ACKNOWLEDGED BULLETIN [lie]\n";
        return 2;
    }
    const Promised promised{std::stoull(argv[3]), std::stoull(argv[4]), std::stoull(argv[5])};
    if (argc > 6 && std::string_view(argv[6]) == "lie")
        test::makeDiskLie();
    const drivers::SystemClock clock;
    const auto store =
        must(Store::open({argv[1], "NX-BUS-0001", {}}, readKey(argv[2]), clock), "opening the store");
    if (!check(*store, promised))
        return 1;
    settleTorn(*store);
    const auto bulletin = must(store->bulletin(kind), "reading the bulletin");
    std::vector<std::jthread> threads;
    for (std::uint8_t lane = 0; lane < lanes; ++lane)
        threads.emplace_back([&store, &clock, lane] { runLane(*store, clock, lane); });
    runDelivery(*store, clock, bulletin ? bulletin->version : 0);
}
