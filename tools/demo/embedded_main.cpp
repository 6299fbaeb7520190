// ykt-demo-embedded: the same day in one process, with a simulated reader in place of pcscd. The terminal's
// code and the cards' software are the same.
#include "drivers/simulated/actuation_log.h"
#include "drivers/simulated/reader.h"
#include "drivers/system/clock.h"
#include "firmware/assembly.h"
#include "firmware/devices.h"
#include "tools/demo/demo.h"

#include <atomic>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

namespace {

using namespace ykt;

void put(drivers::SimulatedReader& reader, const std::shared_ptr<sim::CardSoftware>& card,
         std::optional<demo::Pull> pull) {
    auto commands = std::make_shared<std::atomic<std::size_t>>(0);
    reader.insert(
        card->atr(),
        [&reader, card, pull, commands](ByteView command) -> std::optional<Bytes> {
            const bool leaves = pull && (*commands)++ == pull->at;
            std::optional<Bytes> answer;
            if (!leaves || pull->moment == sim::PullMoment::after_it_acted)
                answer = card->answer(command);
            if (leaves)
                reader.remove();
            return answer;
        },
        [card] { card->reset(); });
}

// A slot of a reader in this process.
class SimulatedSlot : public demo::CardSlot {
  public:
    explicit SimulatedSlot(drivers::SimulatedReader& reader) : reader_(reader) {}
    void insert(std::shared_ptr<sim::CardSoftware> card, std::optional<demo::Pull> pull) override {
        put(reader_, card, pull);
    }
    void remove() override { reader_.remove(); }

  private:
    drivers::SimulatedReader& reader_;
};

int run(const demo::DemoOptions& options) {
    const drivers::SystemClock clock;
    const auto world = demo::World::create(options.folder, options.profiles, clock);
    if (!world)
        return demo::complain(world.error());
    spdlog::set_default_logger(spdlog::basic_logger_mt("yktd", ((*world)->folder() / "yktd.log").string()));
    spdlog::flush_on(spdlog::level::info);

    auto settings = firmware::config::load((*world)->profile());
    if (!settings)
        return demo::complain(settings.error());
    auto cards = std::make_shared<drivers::SimulatedReader>(
        hal::ReaderInfo{"simulated card reader", hal::SlotKind::contactless}, clock);
    auto sams = std::make_shared<drivers::SimulatedReader>(
        hal::ReaderInfo{"simulated SAM slot", hal::SlotKind::sam}, clock);
    put(*sams, (*world)->sam(), std::nullopt);
    drivers::ActuationLog actuations(clock, settings->actuators.log);
    firmware::Hardware hardware{clock, {cards}, sams,
                                {},    {},      {actuations.gate(), actuations.light(), actuations.sound()}};
    hardware.cameras = firmware::makeCameras(settings->cameras, clock);
    const auto terminal = firmware::Assembly::start(std::move(*settings), std::move(hardware));
    if (!terminal)
        return demo::complain(terminal.error());
    SimulatedSlot slot(*cards);
    return demo::runDay(**world, slot, options);
}

} // namespace

int main(int argc, char** argv) {
    int exitCode = 0;
    const auto options = demo::parseOptions(
        argc, argv, "Plays a day at a bus terminal in one process, without pcscd.", exitCode);
    if (!options)
        return exitCode;
    demo::blockStopSignals();
    return run(*options);
}
