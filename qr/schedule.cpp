#include "qr/schedule.h"

#include <algorithm>

namespace ykt::qr {

Schedule::Schedule(std::span<const Pass> passes) {
    for (const auto& pass : passes)
        entries_.push_back({&pass, pass.nanosecondsPerPixel});
    std::stable_partition(entries_.begin(), entries_.end(),
                          [](const Entry& entry) { return entry.pass->cheap; });
}

std::vector<const Pass*> Schedule::order() const {
    std::vector<const Pass*> passes;
    for (const auto& entry : entries_)
        passes.push_back(entry.pass);
    return passes;
}

std::vector<Schedule::Entry>::iterator Schedule::entryOf(const Pass& pass) {
    return std::ranges::find(entries_, &pass, &Entry::pass);
}

Schedule::Duration Schedule::expected(const Pass& pass, double pixels) const {
    const auto entry = std::ranges::find(entries_, &pass, &Entry::pass);
    return Duration(entry->nanosecondsPerPixel * pixels);
}

void Schedule::took(const Pass& pass, double pixels, Duration time) {
    auto& known = entryOf(pass)->nanosecondsPerPixel;
    const double seen = std::min(time.count() / pixels, 4.0 * known); // more is the machine's doing
    known = seen > known ? seen : known + (seen - known) / 8.0;
}

void Schedule::skipped(const Pass& pass) {
    auto& known = entryOf(pass)->nanosecondsPerPixel;
    known += (std::min(known, pass.nanosecondsPerPixel) - known) / 8.0;
}

void Schedule::succeeded(const Pass& pass) {
    const auto entry = entryOf(pass);
    const auto first =
        std::ranges::find(entries_, pass.cheap, [](const Entry& each) { return each.pass->cheap; });
    std::rotate(first, entry, entry + 1);
}

void Schedule::failed(const Pass& pass) {
    if (pass.cheap)
        return;
    const auto entry = entryOf(pass);
    std::rotate(entry, entry + 1, entries_.end());
}

} // namespace ykt::qr
