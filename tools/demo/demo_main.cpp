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
    const auto yktd = std::filesystem::canonical("/proc/self/exe").parent_path() / "yktd";
    const auto terminal = demo::ChildProcess::start(yktd, {"--profile", (*world)->profile().string()},
                                                    (*world)->folder() / "yktd.log");
    if (!terminal)
        return demo::complain(terminal.error());
    return demo::runDay(**world, cardSlot, *options);
}
