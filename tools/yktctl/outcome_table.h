#pragma once

#include "tools/yktctl/json.h"

namespace ykt::tools {

// The panel's outcome objects as rows on stdout. Column widths have a minimum, so that later rows align.
void printOutcomes(const Json& outcomes, bool withTitles);

} // namespace ykt::tools
