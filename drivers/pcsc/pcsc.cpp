#include "drivers/pcsc/pcsc.h"

#include "drivers/pcsc/connection.h"
#include "drivers/pcsc/monitor.h"

namespace ykt::drivers {
namespace {

class PcscReader final : public hal::CardReader {
  public:
    PcscReader(std::shared_ptr<pcsc::Monitor> monitor, std::shared_ptr<pcsc::ContextPool> contexts,
               std::string namePart, std::optional<hal::SlotKind> kind)
        : monitor_(std::move(monitor)), contexts_(std::move(contexts)),
          slot_(monitor_->watch(std::move(namePart))), kind_(kind) {}

    [[nodiscard]] hal::ReaderInfo info() const override {
        return {.name = slot_->name(), .kind = kind_ ? *kind_ : slot_->kind()};
    }

    Result<std::optional<hal::CardEvent>> nextEvent(std::stop_token stop, Milliseconds timeout) override {
        auto event = slot_->events().next(stop, timeout);
        if (event && *event)
            toldOfCard_ = (*event)->kind == hal::CardEvent::Kind::inserted;
        return event;
    }

    Result<std::unique_ptr<hal::CardConnection>> connect() override {
        const bool bound = toldOfCard_;
        if (bound && slot_->lossUntold() && slot_->state().card)
            return fail(Reason::card_gone, slot_->name());
        return pcsc::Connection::open(slot_, contexts_);
    }

  private:
    std::shared_ptr<pcsc::Monitor> monitor_; // keeps the thread that feeds the slot
    std::shared_ptr<pcsc::ContextPool> contexts_;
    std::shared_ptr<pcsc::Slot> slot_;
    std::optional<hal::SlotKind> kind_;
    std::atomic<bool> toldOfCard_ = false; // by the last event that was asked for
};

} // namespace

std::shared_ptr<Pcsc> Pcsc::start(const hal::Clock& clock, const pcsc::Limits& limits) {
    auto watchdog = std::make_shared<pcsc::Watchdog>(clock);
    auto monitor = std::make_shared<pcsc::Monitor>(clock, watchdog, limits);
    return std::shared_ptr<Pcsc>(new Pcsc(std::move(watchdog), std::move(monitor), limits));
}

std::shared_ptr<hal::CardReader> Pcsc::reader(std::string namePart, std::optional<hal::SlotKind> kind) {
    return std::make_shared<PcscReader>(monitor_, std::make_shared<pcsc::ContextPool>(watchdog_, limits_),
                                        std::move(namePart), kind);
}

std::vector<std::string> Pcsc::readerNames() const {
    return monitor_->readerNames();
}

} // namespace ykt::drivers
