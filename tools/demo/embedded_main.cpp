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

// The terminal in this process. Nothing can kill a part of a process: here a cut takes the card's field away,
// and the terminal ends in order before it starts again. ykt-demo kills the real one.
class EmbeddedTerminal : public demo::PowerSwitch {
  public:
    EmbeddedTerminal(const demo::World& world, drivers::SystemClock& clock) : world_(world), clock_(clock) {
        put(*sams_, world.sam(), std::nullopt);
    }
    [[nodiscard]] drivers::SimulatedReader& reader() { return *cards_; }

    void cut() override { cards_->remove(); }
    Result<void> restore() override {
        assembly_.reset();
        auto settings = firmware::config::load(world_.profile());
        if (!settings)
            return failWith(settings);
        actuations_.emplace(clock_, settings->actuators.log);
        firmware::Hardware hardware{clock_,
                                    clock_,
                                    {cards_},
                                    sams_,
                                    {},
                                    {},
                                    {actuations_->gate(), actuations_->light(), actuations_->sound()}};
        hardware.cameras = firmware::makeCameras(settings->cameras, clock_);
        auto started = firmware::Assembly::start(std::move(*settings), std::move(hardware));
        if (!started)
            return failWith(started);
        assembly_ = std::move(*started);
        return {};
    }

  private:
    static std::shared_ptr<drivers::SimulatedReader> made(const char* name, hal::SlotKind kind,
                                                          const hal::Clock& clock) {
        return std::make_shared<drivers::SimulatedReader>(hal::ReaderInfo{name, kind}, clock);
    }

    const demo::World& world_;
    drivers::SystemClock& clock_;
    std::shared_ptr<drivers::SimulatedReader> cards_ =
        made("simulated card reader", hal::SlotKind::contactless, clock_);
    std::shared_ptr<drivers::SimulatedReader> sams_ = made("simulated SAM slot", hal::SlotKind::sam, clock_);
    std::optional<drivers::ActuationLog> actuations_;
    std::unique_ptr<firmware::Assembly> assembly_;
};

int run(const demo::DemoOptions& options) {
    drivers::SystemClock clock;
    const auto world = demo::World::create(options.folder, options.profiles, clock);
    if (!world)
        return demo::complain(world.error());
    spdlog::set_default_logger(spdlog::basic_logger_mt("yktd", ((*world)->folder() / "yktd.log").string()));
    spdlog::flush_on(spdlog::level::info);
    EmbeddedTerminal terminal(**world, clock);
    if (const auto started = terminal.restore(); !started)
        return demo::complain(started.error());
    SimulatedSlot slot(terminal.reader());
    return demo::runDay(**world, slot, terminal, options);
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
