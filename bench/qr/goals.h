// What the reader is to reach, and whether it did.
#pragma once

#include "bench/qr/report.h"

namespace ykt::bench {

// Prints a line for each goal that the findings speak of: met or missed, and the figure.
void printGoals(const Findings& findings);

} // namespace ykt::bench
