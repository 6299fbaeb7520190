// Frames: whatever is in them and whatever sizes they claim, the reader answers with a payload or a reason,
// and a frame that was shown twice gets the same answer. The input begins with a choice: bytes that are a
// frame by themselves, or a symbol in a scene, and then edits of it.
#include "qr/symbol_reader.h"
#include "fuzz/fuzz.h"
#include "hal/clock.h"
#include "sim/scene/presets.h"
#include "sim/scene/symbol.h"

#include <algorithm>
#include <vector>

using namespace ykt;

namespace {

constexpr int side = 200; // pixels: room for a small symbol, and many runs a second

sim::Image sceneFor(std::uint8_t number) {
    Bytes payload(std::size_t{10} + number % 3 * 30U, number);
    auto settings = sceneOf(sim::presets[number % sim::presets.size()], number);
    settings.width = settings.height = side;
    settings.pixelsPerModule = 2.0 + number % 4 * 0.5;
    settings.offsetX = settings.offsetY = 0.0;
    settings.inverted = number % 5 == 0;
    settings.mirrored = number % 7 == 0;
    return photograph(*sim::renderSymbol(payload, 1), settings);
}

// Of the sixteen scenes, each drawn once.
const sim::Image& sceneAt(std::uint8_t number) {
    static const std::vector<sim::Image> scenes = [] {
        std::vector<sim::Image> made;
        for (std::uint8_t i = 0; i < 16; ++i)
            made.push_back(sceneFor(i));
        return made;
    }();
    return scenes[number % scenes.size()];
}

// Five bytes an edit: a box, and what is added to its luma.
void edit(sim::Image& image, ByteView edits) {
    for (auto one = fuzz::take(edits, 5); one.size() == 5; one = fuzz::take(edits, 5))
        for (int y = one[1]; y < std::min<int>(one[1] + one[3], side); ++y)
            for (int x = one[0]; x < std::min<int>(one[0] + one[2], side); ++x)
                image.luma[static_cast<std::size_t>(y * side + x)] += one[4];
}

void show(const hal::Frame& frame) {
    static const hal::ManualClock clock(wallFromUnixSeconds(1'767'225'600));
    qr::SymbolReader reader(clock);
    const auto first = reader.read(frame);
    const auto second = reader.read(frame);
    fuzz::hold(first.has_value() == second.has_value());
    if (!first) {
        fuzz::hold(first.error() == Reason::symbol_not_found || first.error() == Reason::symbol_in_parts ||
                   first.error() == Reason::frame_invalid);
        return;
    }
    fuzz::hold(!first->empty() && first->size() == second->size());
    for (std::size_t i = 0; i < first->size(); ++i) // 7089: the digits of the largest symbol
        fuzz::hold((*first)[i].payload == (*second)[i].payload && (*first)[i].payload.size() <= 7089);
}

// Width, height and padding of a row, a byte each, and as many bytes of luma as there are: the rest is grey.
void showRaw(ByteView input) {
    const auto sizes = fuzz::take(input, 3);
    if (sizes.size() < 3)
        return;
    const int stride = sizes[0] + sizes[2] % 16;
    Bytes luma(static_cast<std::size_t>(stride) * sizes[1], 128);
    std::copy_n(input.begin(), std::min(input.size(), luma.size()), luma.begin());
    show({luma.data(), sizes[0], sizes[1], stride, {}});
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto choice = fuzz::take(input, 1);
    if (choice.empty())
        return;
    if (choice[0] >= 0xC0)
        return showRaw(input);
    auto image = sceneAt(choice[0]);
    edit(image, input);
    show(image.frame());
}
