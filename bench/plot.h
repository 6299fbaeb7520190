// A picture of curves, as SVG.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ykt::bench {

struct Curve {
    std::string name;
    std::string colour;
    std::vector<std::pair<double, double>> points; // x, and y in 0..1
};
struct Panel {
    std::string title;
    std::string axis; // of x, with its unit
    std::vector<Curve> curves;
};

// Panels side by side with one legend, that of the first; y is a rate in percent.
std::string plot(const std::vector<Panel>& panels);

} // namespace ykt::bench
