// What a decision and a commit cost, each alone: docs/performance.md quotes this program.
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "firmware/policy/decide.h"
#include "firmware/terminal/transaction.h"
#include "offline_store/store.h"
#include "tests/source_dir.h"
#include "tests/temporary_folder.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace ykt;
using namespace ykt::firmware;

namespace {

const drivers::SystemClock& systemClock() {
    static const drivers::SystemClock clock;
    return clock;
}

identity::VerifiedIdentity holder() {
    identity::VerifiedIdentity identity;
    identity.medium = identity::Medium::social_security_card;
    identity.assurance = identity::Assurance::authenticated;
    identity.mediumId = PersonalData<std::string>(std::string(32, '1'));
    identity.region = "640100";
    return identity;
}

policy::CatalogueState catalogue() {
    std::ifstream in(test::sourceDir() / "firmware/profiles/catalogue.json");
    std::ostringstream text;
    text << in.rdbuf();
    auto parsed = policy::Catalogue::parse(text.str());
    const auto now = systemClock().now().wall;
    return {std::make_shared<policy::Catalogue>(std::move(*parsed)), now - std::chrono::hours(1),
            now + std::chrono::hours(1)};
}

policy::Decision decideOnce(const policy::CatalogueState& state) {
    policy::LookUps lookUps{false, false, false};
    return policy::decide(holder(), {"bus.ride", "transport", 200, false}, state, lookUps,
                          {true, std::chrono::seconds(1)}, systemClock().now());
}

void decide(benchmark::State& state) {
    const auto inForce = catalogue();
    for (auto _ : state)
        benchmark::DoNotOptimize(decideOnce(inForce).accepted());
}
BENCHMARK(decide)->Unit(benchmark::kMicrosecond);

// A ride as the terminal records it: one COMMIT, one flush.
void commitRide(benchmark::State& state) {
    const test::TemporaryFolder folder;
    offline_store::StoreOptions options;
    options.file = folder.path() / "ykt.db";
    options.terminal = "NX-BENCH-0001";
    options.limits.undeliveredMoney = 10'000'000;
    const auto store =
        offline_store::Store::open(options, crypto::randomSecret(32).value(), systemClock()).value();
    const auto inForce = catalogue();
    const auto decision = decideOnce(inForce);
    const auto& service = *inForce.catalogue->find("bus.ride");
    const auto identity = holder();
    for (auto _ : state) {
        auto entry = terminal::acceptedEntry({"card-1", {}, {}}, identity, service, decision, {1, 1},
                                             systemClock().now().wall);
        entry.claims.clear(); // the same holder rides again and again here
        if (!store->append(entry))
            state.SkipWithError("not committed");
    }
}
BENCHMARK(commitRide)->Unit(benchmark::kMicrosecond)->UseRealTime();

// The physical floor on this disk in the same run: append 300 bytes and flush.
void appendAndFlush(benchmark::State& state) {
    const test::TemporaryFolder folder;
    const int file = ::open((folder.path() / "plain").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const Bytes record(300, 0x59);
    for (auto _ : state)
        if (::write(file, record.data(), record.size()) < 0 || ::fdatasync(file) != 0)
            state.SkipWithError("not written");
    ::close(file);
}
BENCHMARK(appendAndFlush)->Unit(benchmark::kMicrosecond)->UseRealTime();

} // namespace
