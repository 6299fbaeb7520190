// Whatever is pulled, killed or left away: what left a purse is what the back office settled or holds as
// unresolved, to the fen.
#include "tests/firmware/torn_town.h"

using namespace ykt;
using namespace ykt::test;

namespace {

class SimulatedPlace : public CardPlace {
  public:
    SimulatedPlace(const std::string& name, hal::SlotKind kind)
        : reader_(simulatedReader(name, kind, clock_)) {}
    std::shared_ptr<hal::CardReader> reader() override { return reader_; }
    void insert(const std::shared_ptr<sim::CardSoftware>& card) override { put(*reader_, card); }
    void insertPulled(const std::shared_ptr<sim::CardSoftware>& card, std::size_t at, bool afterItActed,
                      std::function<void()> leaving) override {
        putAndPull(*reader_, card, at, afterItActed, std::move(leaving));
    }
    void remove() override { reader_->remove(); }

  private:
    hal::ManualClock clock_{wallFromUnixSeconds(1'790'000'000)}; // only stamps events
    std::shared_ptr<drivers::SimulatedReader> reader_;
};

} // namespace

TEST_CASE("what left the purse is what the back office settled or holds as unresolved") {
    SimulatedPlace holders("card", hal::SlotKind::contactless);
    SimulatedPlace sams("sam", hal::SlotKind::sam);
    playStories(announcedSeed(), numberFrom("YKT_CASES", 2100), 100, holders, sams);
}
