// What both demos share: the day, its account, and --keep.
#pragma once

#include "tools/demo/card_slot.h"
#include "tools/demo/power_switch.h"
#include "tools/demo/world.h"

namespace ykt::demo {

struct DemoOptions {
    std::filesystem::path folder;   // made anew
    std::filesystem::path profiles; // firmware/profiles
    std::string yktctl;             // how a person calls it
    bool keep = false;
};

// Command line of both programs. nullopt: it has printed help or a complaint; `exitCode` says which.
std::optional<DemoOptions> parseOptions(int argc, char** argv, std::string_view what, int& exitCode);

// Blocks SIGINT and SIGTERM for this thread and those it starts, so that --keep can wait for them.
void blockStopSignals();

// Plays the day against a terminal that is running and prints the account. 0: all as it must be; 1: not.
int runDay(World& world, CardSlot& slot, PowerSwitch& power, const DemoOptions& options);

int complain(const Error& error); // prints it; 1

} // namespace ykt::demo
