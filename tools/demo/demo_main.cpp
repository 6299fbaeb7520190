// ykt-demo: plays a day against the real yktd over a real pcscd. scripts/demo starts pcscd and calls this.
#include "drivers/system/clock.h"
#include "sim/cards/vpcd_slot.h"
#include "tools/demo/child_process.h"
#include "tools/demo/demo.h"

namespace {

using namespace ykt;

// A slot of pcscd's virtual reader.
class VirtualReaderSlot : public demo::CardSlot {
  public:
    void insert(std::shared_ptr<sim::CardSoftware> card, std::optional<demo::Pull> pull) override {
        if (pull)
            slot_.pullAt(pull->at, pull->moment);
        slot_.insert(std::move(card));
    }
    void remove() override { slot_.remove(); }

  private:
    sim::VpcdSlot slot_;
};

// yktd, killed as a power cut kills it and started again on the same files.
class Yktd : public demo::PowerSwitch {
  public:
    explicit Yktd(const demo::World& world) : world_(world) {}

    void cut() override { process_->kill(); }
    Result<void> restore() override {
        process_.reset(); // waits for its end
        const auto program = std::filesystem::canonical("/proc/self/exe").parent_path() / "yktd";
        auto started = demo::ChildProcess::start(program, {"--profile", world_.profile().string()},
                                                 world_.folder() / "yktd.log");
        if (!started)
            return failWith(started);
        process_ = std::move(*started);
        return {};
    }

  private:
    const demo::World& world_;
    std::unique_ptr<demo::ChildProcess> process_;
};

} // namespace

int main(int argc, char** argv) {
    int exitCode = 0;
    const auto options = demo::parseOptions(
        argc, argv, "Plays a day at a bus terminal: yktd over pcscd's virtual reader.", exitCode);
    if (!options)
        return exitCode;
    demo::blockStopSignals();
    const drivers::SystemClock clock;
    const auto world = demo::World::create(options->folder, options->profiles, clock);
    if (!world)
        return demo::complain(world.error());

    VirtualReaderSlot cardSlot;
    sim::VpcdSlot samSlot(sim::VpcdSlot::firstPort + 1);
    samSlot.insert((*world)->sam());
    Yktd terminal(**world);
    if (const auto started = terminal.restore(); !started)
        return demo::complain(started.error());
    return demo::runDay(**world, cardSlot, terminal, *options);
}
