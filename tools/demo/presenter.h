// The hands in front of the terminal: presents a medium, waits for what the terminal says of it, takes it
// away.
#pragma once

#include "tools/demo/card_slot.h"
#include "tools/demo/power_switch.h"
#include "tools/demo/world.h"

#include <nlohmann/json.hpp>

namespace ykt::demo {

class Presenter {
  public:
    Presenter(World& world, CardSlot& slot, std::filesystem::path panelSocket)
        : world_(world), slot_(slot), panel_(std::move(panelSocket)) {}

    // Until lists are in force and every lane can take the next presentation. Errors: upstream_timeout.
    Result<void> waitUntilReady(Milliseconds limit);
    // Until nothing waits for the back office. Errors: upstream_timeout.
    Result<void> waitUntilDelivered(Milliseconds limit);
    // Until the terminal has noticed whether the back office is there. Errors: upstream_timeout.
    Result<void> waitForLink(std::string_view link, Milliseconds limit);

    // The terminal's outcome, as its panel gives it. Errors: input_malformed, upstream_timeout (no outcome).
    Result<nlohmann::json> tap(const std::string& card, std::optional<Pull> pull);
    Result<nlohmann::json> show(const std::string& code);

    // Cuts the power when the card has acted on its command with index `at` and before it answers, takes the
    // card away and starts the terminal again. Errors: as tap (upstream_timeout: the command never came), and
    // those of the start.
    Result<void> tapUntilPowerCut(const std::string& card, std::size_t at, PowerSwitch& power);

    // Any question to the panel. Errors: unreachable, upstream_timeout, reply_malformed.
    Result<nlohmann::json> askPanel(const std::string& target, Milliseconds limit);

  private:
    Result<nlohmann::json> nextOutcome(Milliseconds limit);
    Result<std::uint64_t> newestOutcome();
    Result<void> waitFor(const std::function<bool(const nlohmann::json&)>& condition, Milliseconds limit,
                         std::string_view what);

    World& world_;
    CardSlot& slot_;
    std::filesystem::path panel_;
    std::uint64_t seen_ = 0; // number of the newest outcome before the presentation
};

} // namespace ykt::demo
