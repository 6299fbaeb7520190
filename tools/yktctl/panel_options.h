// What every command that asks the panel takes.
#pragma once

#include "tools/yktctl/run.h"

#include <filesystem>

namespace ykt::tools {

struct PanelOptions {
    std::filesystem::path socket = "/run/ykt/panel.sock";
    bool json = false;
};

void addPanelOptions(CLI::App& command, PanelOptions& options);

} // namespace ykt::tools
