#include "tools/yktctl/annotate.h"

#include "tools/yktctl/glyphs.h"

#include <algorithm>
#include <cmath>
#include <png.h>

namespace ykt::tools {
namespace {

struct Colour {
    std::uint8_t red, green, blue;
};
constexpr Colour outline{0, 200, 0};
constexpr Colour topEdge{230, 0, 0};
constexpr Colour labelInk{255, 255, 255};

class Canvas {
  public:
    explicit Canvas(const hal::Image& image) : width_(image.width), height_(image.height) {
        rgb_.reserve(3 * image.luma.size());
        for (const auto luma : image.luma)
            rgb_.insert(rgb_.end(), 3, luma);
    }

    // A square of that many pixels; what lies outside is left out.
    void dot(int x, int y, int side, Colour colour) {
        for (int row = std::max(0, y); row < std::min(height_, y + side); ++row)
            for (int column = std::max(0, x); column < std::min(width_, x + side); ++column) {
                auto* pixel = &rgb_[3 * (static_cast<std::size_t>(row) * static_cast<std::size_t>(width_) +
                                         static_cast<std::size_t>(column))];
                pixel[0] = colour.red;
                pixel[1] = colour.green;
                pixel[2] = colour.blue;
            }
    }

    void line(const qr::Point& from, const qr::Point& to, int thickness, Colour colour) {
        const float length = std::hypot(to.x - from.x, to.y - from.y);
        const int steps = std::max(1, static_cast<int>(std::ceil(length)));
        for (int i = 0; i <= steps; ++i) {
            const float part = static_cast<float>(i) / static_cast<float>(steps);
            dot(static_cast<int>(std::lround(from.x + part * (to.x - from.x))) - thickness / 2,
                static_cast<int>(std::lround(from.y + part * (to.y - from.y))) - thickness / 2, thickness,
                colour);
        }
    }

    // On a ground of its own, shifted to where the whole of it can be seen.
    void label(int x, int y, std::string_view text, int scale) {
        const int advance = (glyphWidth + 1) * scale;
        const int width = static_cast<int>(text.size()) * advance + scale;
        const int height = (glyphHeight + 2) * scale;
        x = std::clamp(x, 0, std::max(0, width_ - width));
        y = std::clamp(y, 0, std::max(0, height_ - height));
        for (int row = 0; row < height; ++row)
            for (int column = 0; column < width; ++column)
                dot(x + column, y + row, 1, outline);
        for (const char letter : text) {
            glyph(x + scale, y + scale, glyphOf(letter), scale);
            x += advance;
        }
    }

    [[nodiscard]] Result<void> write(const std::filesystem::path& file) const {
        png_image png{};
        png.version = PNG_IMAGE_VERSION;
        png.width = static_cast<png_uint_32>(width_);
        png.height = static_cast<png_uint_32>(height_);
        png.format = PNG_FORMAT_RGB;
        if (png_image_write_to_file(&png, file.c_str(), 0, rgb_.data(), 0, nullptr) == 0)
            return fail(Reason::config_unreadable, file.string() + ": " + png.message);
        return {};
    }

  private:
    void glyph(int x, int y, const Glyph& rows, int scale) {
        for (int row = 0; row < glyphHeight; ++row)
            for (int column = 0; column < glyphWidth; ++column)
                if ((rows[static_cast<std::size_t>(row)] >> (glyphWidth - 1 - column) & 1) != 0)
                    dot(x + column * scale, y + row * scale, scale, labelInk);
    }

    int width_;
    int height_;
    Bytes rgb_;
};

// A point that a reader may have put far outside, brought near enough to be drawn to.
qr::Point near(const qr::Point& point, const hal::Image& image) {
    const auto width = static_cast<float>(image.width);
    const auto height = static_cast<float>(image.height);
    return {std::clamp(point.x, -width, 2 * width), std::clamp(point.y, -height, 2 * height)};
}

void draw(Canvas& canvas, const hal::Image& image, const qr::Symbol& symbol) {
    const int scale = std::max(1, std::max(image.width, image.height) / 480);
    for (std::size_t i = symbol.corners.size(); i-- > 0;) // the top edge, from 0 to 1, last
        canvas.line(near(symbol.corners[i], image),
                    near(symbol.corners[(i + 1) % symbol.corners.size()], image), 2 * scale,
                    i == 0 ? topEdge : outline);
    const auto top = std::ranges::min_element(symbol.corners, {}, &qr::Point::y);
    const auto left = std::ranges::min_element(symbol.corners, {}, &qr::Point::x);
    canvas.label(static_cast<int>(near(*left, image).x),
                 static_cast<int>(near(*top, image).y) - (glyphHeight + 4) * scale, symbol.pass, scale);
}

} // namespace

Result<void> annotate(const hal::Image& image, const std::vector<qr::Symbol>& symbols,
                      const std::filesystem::path& file) {
    Canvas canvas(image);
    for (const auto& symbol : symbols)
        draw(canvas, image, symbol);
    return canvas.write(file);
}

} // namespace ykt::tools
