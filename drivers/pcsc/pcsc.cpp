#include "drivers/pcsc/pcsc.h"

#include "drivers/pcsc/connection.h"
#include "drivers/pcsc/monitor.h"

namespace ykt::drivers {
namespace {

class PcscReader final : public hal::CardReader {
  public:
    PcscReader(std::shared_ptr<pcsc::Monitor> monitor, std::string namePart, hal::SlotKind kind)
        : monitor_(std::move(monitor)), slot_(monitor_->watch(std::move(namePart))), kind_(kind) {}

    [[nodiscard]] hal::ReaderInfo info() const override { return {.name = slot_->name(), .kind = kind_}; }
    Result<std::optional<hal::CardEvent>> nextEvent(std::stop_token stop, Milliseconds timeout) override {
        return slot_->events().next(stop, timeout);
    }
    Result<std::unique_ptr<hal::CardConnection>> connect() override { return pcsc::Connection::open(slot_); }

  private:
    std::shared_ptr<pcsc::Monitor> monitor_; // keeps the thread that feeds the slot
    std::shared_ptr<pcsc::Slot> slot_;
    hal::SlotKind kind_;
};

} // namespace

std::shared_ptr<Pcsc> Pcsc::start(const hal::Clock& clock) {
    return std::shared_ptr<Pcsc>(new Pcsc(std::make_shared<pcsc::Monitor>(clock)));
}

std::shared_ptr<hal::CardReader> Pcsc::reader(std::string namePart, hal::SlotKind kind) {
    return std::make_shared<PcscReader>(monitor_, std::move(namePart), kind);
}

std::vector<std::string> Pcsc::readerNames() const {
    return monitor_->readerNames();
}

} // namespace ykt::drivers
