#include "qr/symbol_reader.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace ykt::qr {
namespace {

constexpr int longestSide = 8192; // pixels; above, products of sizes would no longer be safe as int
constexpr int blindEvery = 4;     // frames in which nothing is read
constexpr std::size_t mostSymbols = 4;
constexpr int patience = 5;      // frames with spots at which nothing is read
constexpr int placeKeptFor = 15; // frames in which nothing is read: half a second of video

bool isFrame(const hal::Frame& frame) {
    return frame.luma != nullptr && frame.width > 0 && frame.height > 0 && frame.width <= longestSide &&
           frame.height <= longestSide && frame.stride >= frame.width && frame.stride <= longestSide * 4;
}

Point middleOf(std::span<const Point> points) {
    Point sum;
    for (const auto& point : points)
        sum = {sum.x + point.x, sum.y + point.y};
    const auto count = static_cast<float>(points.size());
    return {sum.x / count, sum.y / count};
}

// The pattern's centres lie 3.5 modules within the symbol, which has four modules of quiet zone around it;
// what perspective adds grows with the distance of the patterns.
Spot spotOf(const SymbolPlace& place, const hal::Frame& frame) {
    const auto [corner, right, below] = std::tuple(place.topLeft, place.topRight, place.bottomLeft);
    const std::array points{corner, right, below,
                            Point{right.x + below.x - corner.x, right.y + below.y - corner.y}};
    const float side = std::max(std::hypot(right.x - corner.x, right.y - corner.y),
                                std::hypot(below.x - corner.x, below.y - corner.y));
    return {around(points, 8.0F * place.moduleSize + 0.1F * side, frame), place};
}

// A hand moves a symbol by less than a quarter of its side from one frame to the next.
Spot spotOf(std::span<const Point> corners, const hal::Frame& frame) {
    const auto [west, east] = std::ranges::minmax(corners, {}, &Point::x);
    return {around(corners, (east.x - west.x) / 4.0F, frame), std::nullopt};
}

} // namespace

// What one frame has given so far, and until when it may be looked at.
struct SymbolReader::Look {
    const hal::Frame& frame;
    MonotonicTime end;
    MonotonicTime now;
    std::vector<Symbol> symbols;
    bool inParts = false;
    std::optional<Error> fault;

    // Is a symbol already read at that spot?
    [[nodiscard]] bool covers(const Spot& spot) const {
        return std::ranges::any_of(
            symbols, [&](const Symbol& symbol) { return spot.region.holds(middleOf(symbol.corners)); });
    }
    void add(const Workbench::Readings& readings, std::string_view pass) {
        if (!readings) {
            fault = readings.error();
            return;
        }
        for (const auto& [reading, corners] : *readings) {
            const auto same = [&payload = reading.payload](const Symbol& symbol) {
                return symbol.payload == payload;
            };
            inParts = inParts || reading.inParts;
            if (!reading.inParts && symbols.size() < mostSymbols && std::ranges::none_of(symbols, same))
                symbols.push_back({reading.payload, corners, pass});
        }
    }
};

SymbolReader::SymbolReader(const hal::Clock& clock, SymbolReaderSettings settings)
    : clock_(clock), settings_(settings) {}

Result<std::vector<Symbol>> SymbolReader::read(const hal::Frame& frame) {
    if (!isFrame(frame))
        return fail(Reason::frame_invalid, "sizes of the frame");
    if (!lastFrame_.is(frame)) {
        lastAnswer_ = look(frame);
        lastFrame_.remember(frame);
    }
    return lastAnswer_;
}

Result<std::vector<Symbol>> SymbolReader::look(const hal::Frame& frame) {
    const auto now = clock_.now().monotonic;
    Look look{frame, now + settings_.budget, now, {}, false, std::nullopt};
    const auto spots = spotsOf(frame);
    look.now = clock_.now().monotonic;
    lookAtSpots(look, spots);
    if (look.symbols.empty() && (fresh_ || framesInVain_ % blindEvery == blindEvery - 1))
        lookBlindly(look);
    remember(look);
    if (!look.symbols.empty())
        return look.symbols;
    if (look.fault)
        return tl::unexpected(*look.fault);
    return fail(look.inParts ? Reason::symbol_in_parts : Reason::symbol_not_found);
}

// Where finder patterns are, and where a symbol was a moment ago if none are there now.
std::vector<Spot> SymbolReader::spotsOf(const hal::Frame& frame) {
    std::vector<Spot> spots;
    for (const auto& place : finder_.find(frame))
        spots.push_back(spotOf(place, frame));
    const auto isThere = [&](const Spot& spot) { return spot.region.holds(middleOf(lastPlace_)); };
    if (!lastPlace_.empty() && std::ranges::none_of(spots, isThere))
        spots.push_back(spotOf(lastPlace_, frame));
    return spots;
}

// Cheap passes at every spot, so that a second symbol is not missed; costly ones where nothing is read. Where
// another symbol is read already, and at spots that have given nothing for long, they take turns, one a
// frame.
void SymbolReader::lookAtSpots(Look& look, std::span<const Spot> spots) {
    bool turnTaken = false;
    for (const auto* pass : spotSchedule_.order()) {
        if (!pass->cheap && turnTaken)
            continue;
        const bool oneTurn = spotsInVain_ >= patience || !look.symbols.empty();
        const bool tried = tryPass(look, spotSchedule_, *pass, spots);
        turnTaken = turnTaken || (tried && !pass->cheap && oneTurn);
    }
    spotsInVain_ = spots.empty() || !look.symbols.empty() ? 0 : spotsInVain_ + 1;
}

// The finder may miss what the engine sees. A reader without a past tries all that there is time for.
void SymbolReader::lookBlindly(Look& look) {
    const Spot everywhere{whole(look.frame), std::nullopt};
    for (const auto* pass : blindSchedule_.order()) {
        const bool tried = tryPass(look, blindSchedule_, *pass, {&everywhere, 1});
        if (!look.symbols.empty() || (tried && !fresh_))
            return;
    }
}

// False: there was no time for it, or no spot that it could look at.
bool SymbolReader::tryPass(Look& look, Schedule& schedule, const Pass& pass, std::span<const Spot> spots) {
    bool tried = false;
    const auto before = look.symbols.size();
    for (const auto& spot : spots) {
        const auto pixels = spot.region.pixels();
        if ((pass.needsPlace && !spot.place) || look.covers(spot))
            continue;
        if (look.now + schedule.expected(pass, pixels) > look.end) {
            schedule.skipped(pass);
            continue;
        }
        look.add((workbench_.*pass.work)(look.frame, spot), pass.name);
        const auto now = clock_.now().monotonic;
        schedule.took(pass, pixels, now - look.now);
        look.now = now;
        tried = true;
    }
    if (look.symbols.size() > before)
        schedule.succeeded(pass);
    else if (tried)
        schedule.failed(pass);
    return tried;
}

void SymbolReader::remember(const Look& look) {
    fresh_ = false;
    if (!look.symbols.empty()) {
        framesInVain_ = 0;
        const auto& corners = look.symbols.front().corners;
        lastPlace_.assign(corners.begin(), corners.end());
    } else if (++framesInVain_ > placeKeptFor) {
        lastPlace_.clear();
    }
}

} // namespace ykt::qr
