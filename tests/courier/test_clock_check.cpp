#include "firmware/courier/clock_check.h"

#include "crypto/random.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::firmware::courier;
using namespace std::chrono_literals;
using hal::TimeVerdict;

namespace {

struct Listener : hal::TimeKeeper {
    void remember(WallTime) override {}
    void hear(TimeVerdict verdict) override { heard.push_back(verdict); }
    std::vector<TimeVerdict> heard;
};

struct ClockCheckFixture {
    // The back office's clock is behind by `skew`.
    void answer(Milliseconds skew) {
        clock.advance(30s);
        const auto now = clock.now();
        check.compare({std::chrono::floor<std::chrono::seconds>(now.wall - skew), now.monotonic});
    }
    [[nodiscard]] std::vector<std::int64_t> events() const {
        std::vector<std::int64_t> seconds;
        const auto summaries = store->list(1, 100).value();
        for (const auto& summary : summaries) {
            CHECK(summary.kind == "clock_skew");
            const auto record = store->read(summary.id.sequence).value();
            CHECK(record.recordClass == offline_store::RecordClass::security_event);
            seconds.push_back(nlohmann::json::parse(record.payload).at("seconds").get<std::int64_t>());
        }
        return seconds;
    }

    test::TemporaryFolder folder;
    hal::ManualClock clock{wallFromUnixSeconds(1'795'000'000)};
    std::unique_ptr<offline_store::Store> store = std::move(*offline_store::Store::open(
        {folder.path() / "store.db", "NX-BUS-0001", {}}, *crypto::randomSecret(32), clock));
    Listener keeper;
    ClockCheck check{clock, keeper, *store};
};

using Verdicts = std::vector<TimeVerdict>;

} // namespace

TEST_CASE_METHOD(ClockCheckFixture, "a back office that tells the same time confirms the clock") {
    answer(0ms);
    answer(-2s);
    answer(2s);
    CHECK(keeper.heard == Verdicts{TimeVerdict::agrees, TimeVerdict::agrees, TimeVerdict::agrees});
    answer(-4s);
    answer(300s);
    CHECK(keeper.heard.back() == TimeVerdict::differs_a_little);
    CHECK(events().empty());
}

TEST_CASE_METHOD(ClockCheckFixture, "what was said when the answer came is compared with the clock of then") {
    const auto heard = clock.now();
    clock.advance(10min);
    check.compare({heard.wall, heard.monotonic});
    CHECK(keeper.heard == Verdicts{TimeVerdict::agrees});
    check.compare({heard.wall, heard.monotonic}); // nothing new
    CHECK(keeper.heard.size() == 1);
}

TEST_CASE_METHOD(ClockCheckFixture,
                 "one answer that is far off is not believed, three in a row are, and told once") {
    answer(1h);
    answer(1h);
    answer(0ms);
    CHECK(keeper.heard == Verdicts{TimeVerdict::agrees});
    for (int i = 0; i < 5; ++i)
        answer(1h);
    CHECK(keeper.heard ==
          Verdicts{TimeVerdict::agrees, TimeVerdict::differs, TimeVerdict::differs, TimeVerdict::differs});
    CHECK(events() == std::vector<std::int64_t>{3600});
    answer(0ms);
    for (int i = 0; i < 3; ++i)
        answer(-24h * 3650);
    CHECK(keeper.heard.back() == TimeVerdict::differs);
    CHECK(events() == std::vector<std::int64_t>{3600, -24 * 3600 * 3650});
}
