#include "bench/plot.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace ykt::bench {
namespace {

constexpr double panelWidth = 460;
constexpr double panelHeight = 330;
constexpr double left = 58;
constexpr double right = 14;
constexpr double top = 34;
constexpr double bottom = 48;

class Axes {
  public:
    Axes(const Panel& panel, double offset) : offset_(offset) {
        low_ = high_ = panel.curves.front().points.front().first;
        for (const auto& curve : panel.curves)
            for (const auto& [x, rate] : curve.points) {
                low_ = std::min(low_, x);
                high_ = std::max(high_, x);
            }
        high_ = std::max(high_, low_ + 1e-6);
    }
    [[nodiscard]] double x(double value) const {
        return offset_ + left + (value - low_) / (high_ - low_) * (panelWidth - left - right);
    }
    [[nodiscard]] double y(double rate) const {
        return panelHeight - bottom - rate * (panelHeight - top - bottom);
    }
    [[nodiscard]] double low() const { return low_; }
    [[nodiscard]] double high() const { return high_; }

  private:
    double offset_;
    double low_;
    double high_;
};

std::string text(double x, double y, const std::string& anchor, const std::string& content) {
    return fmt::format("<text x='{:.0f}' y='{:.0f}' text-anchor='{}'>{}</text>\n", x, y, anchor, content);
}

std::string line(double x1, double y1, double x2, double y2, const std::string& colour) {
    return fmt::format("<line x1='{:.1f}' y1='{:.1f}' x2='{:.1f}' y2='{:.1f}' stroke='{}'/>\n", x1, y1, x2,
                       y2, colour);
}

std::string frame(const Panel& panel, const Axes& axes) {
    std::string out;
    for (int percent = 0; percent <= 100; percent += 20) {
        const double y = axes.y(percent / 100.0);
        out += line(axes.x(axes.low()), y, axes.x(axes.high()), y, "#ddd");
        out += text(axes.x(axes.low()) - 6, y + 4, "end", fmt::format("{} %", percent));
    }
    const double step = axes.high() - axes.low() > 3.0 ? 1.0 : 0.25;
    for (double x = std::ceil(axes.low() / step) * step; x <= axes.high() + 1e-9; x += step) {
        out += line(axes.x(x), axes.y(0), axes.x(x), axes.y(0) + 5, "#888");
        out += text(axes.x(x), axes.y(0) + 19, "middle", fmt::format("{}", x));
    }
    const double middle = (axes.x(axes.low()) + axes.x(axes.high())) / 2.0;
    out += text(middle, top - 14, "middle", panel.title);
    out += text(middle, panelHeight - 8, "middle", panel.axis);
    return out;
}

std::string draw(const Curve& curve, const Axes& axes) {
    std::string path;
    std::string dots;
    for (const auto& [x, rate] : curve.points) {
        path += fmt::format("{:.1f},{:.1f} ", axes.x(x), axes.y(rate));
        dots += fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='2.5' fill='{}'/>\n", axes.x(x), axes.y(rate),
                            curve.colour);
    }
    return fmt::format("<polyline points='{}' fill='none' stroke='{}' stroke-width='2'/>\n{}", path,
                       curve.colour, dots);
}

} // namespace

std::string plot(const std::vector<Panel>& panels) {
    constexpr double legendHeight = 30;
    const double width = panelWidth * static_cast<double>(panels.size());
    std::string out = fmt::format("<svg xmlns='http://www.w3.org/2000/svg' width='{0:.0f}' height='{1:.0f}' "
                                  "font-family='sans-serif' font-size='12'>\n"
                                  "<rect width='{0:.0f}' height='{1:.0f}' fill='white'/>\n",
                                  width, panelHeight + legendHeight);
    double offset = 0;
    for (const auto& panel : panels) {
        const Axes axes(panel, offset);
        out += frame(panel, axes);
        for (const auto& curve : panel.curves)
            out += draw(curve, axes);
        offset += panelWidth;
    }
    double x = left;
    for (const auto& curve : panels.front().curves) {
        out += line(x, panelHeight + 12, x + 22, panelHeight + 12, curve.colour);
        out += text(x + 28, panelHeight + 16, "start", curve.name);
        x += 60 + 7.0 * static_cast<double>(curve.name.size());
    }
    return out + "</svg>\n";
}

} // namespace ykt::bench
