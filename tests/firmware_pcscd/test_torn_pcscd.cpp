// The stories of torn debits once more, over a real pcscd: cards and SAM in slots of its virtual reader.
#include "drivers/pcsc/pcsc.h"
#include "drivers/system/clock.h"
#include "sim/cards/vpcd_slot.h"
#include "tests/firmware/torn_town.h"

using namespace ykt;
using namespace ykt::test;

namespace {

// Tells when the card gets its n-th command.
class WatchedCard : public sim::CardSoftware {
  public:
    WatchedCard(std::shared_ptr<sim::CardSoftware> card, std::size_t at, bool afterItActed,
                std::function<void()> reached)
        : card_(std::move(card)), at_(at), afterItActed_(afterItActed), reached_(std::move(reached)) {}

    [[nodiscard]] Bytes atr() const override { return card_->atr(); }
    std::optional<Bytes> answer(ByteView command) override {
        auto answer = card_->answer(command);
        // before_it_acts: the slot withholds the command with index `at`, so the one before is the last
        const auto last = afterItActed_ ? at_ : at_ - 1;
        if (commands_++ == last && reached_)
            reached_();
        return answer;
    }
    void reset() override { card_->reset(); }

  private:
    std::shared_ptr<sim::CardSoftware> card_;
    std::size_t at_;
    bool afterItActed_;
    std::function<void()> reached_;
    std::size_t commands_ = 0;
};

class VirtualPlace : public CardPlace {
  public:
    VirtualPlace(drivers::Pcsc& pcsc, std::string readerName, std::uint16_t port, hal::SlotKind kind)
        : pcsc_(pcsc), name_(std::move(readerName)), kind_(kind), slot_(port) {}

    std::shared_ptr<hal::CardReader> reader() override { return pcsc_.reader(name_, kind_); }
    void insert(const std::shared_ptr<sim::CardSoftware>& card) override {
        const auto observer = reader();
        slot_.insert(card);
        waitFor(*observer, hal::CardEvent::Kind::inserted);
    }
    void insertPulled(const std::shared_ptr<sim::CardSoftware>& card, std::size_t at, bool afterItActed,
                      std::function<void()> leaving) override {
        slot_.pullAt(at, afterItActed ? sim::PullMoment::after_it_acted : sim::PullMoment::before_it_acts);
        insert(std::make_shared<WatchedCard>(card, at, afterItActed, std::move(leaving)));
    }
    // Until pcscd has seen it, so that no new reader finds a card that is gone.
    void remove() override {
        slot_.remove();
        const auto observer = reader();
        const auto first = observer->nextEvent({}, Milliseconds{0});
        if (first && *first && (*first)->kind == hal::CardEvent::Kind::inserted)
            waitFor(*observer, hal::CardEvent::Kind::removed);
    }

  private:
    static void waitFor(hal::CardReader& observer, hal::CardEvent::Kind kind) {
        for (int events = 0; events < 8; ++events) {
            const auto event = observer.nextEvent({}, Milliseconds{5000});
            REQUIRE(event);
            REQUIRE(event->has_value());
            if ((*event)->kind == kind)
                return;
        }
        FAIL("the reader does not settle");
    }

    drivers::Pcsc& pcsc_;
    std::string name_;
    hal::SlotKind kind_;
    sim::VpcdSlot slot_;
};

} // namespace

TEST_CASE("over pcscd too, what left the purse is what the back office settled or holds as unresolved") {
    const drivers::SystemClock clock;
    const auto pcsc = drivers::Pcsc::start(clock);
    VirtualPlace holders(*pcsc, "Virtual PCD 00 00", sim::VpcdSlot::firstPort, hal::SlotKind::contactless);
    VirtualPlace sams(*pcsc, "Virtual PCD 00 01", sim::VpcdSlot::firstPort + 1, hal::SlotKind::sam);
    // pcscd looks for virtual cards every 400 ms, so a story takes seconds.
    playStories(announcedSeed(), numberFrom("YKT_PCSCD_CASES", 24), 8, holders, sams);
}
