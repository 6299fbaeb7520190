#include "sim/cards/replay_card.h"

#include <fstream>
#include <sstream>

namespace ykt::sim {

using apdu::TraceStep;

Result<std::shared_ptr<ReplayCard>> ReplayCard::load(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    std::ifstream stream(file, std::ios::binary);
    if (error || !stream || size > apdu::maxTraceBytes)
        return fail(Reason::config_unreadable, file.string());
    std::ostringstream text;
    text << stream.rdbuf();
    auto trace = apdu::parseTrace(text.str());
    if (!trace)
        return failWith(trace);
    return std::make_shared<ReplayCard>(std::move(*trace));
}

std::optional<Bytes> ReplayCard::answer(ByteView command) {
    const bool ended = finished();
    const auto* step = ended ? nullptr : &trace_.steps[next_];
    if (step == nullptr || step->kind != TraceStep::Kind::exchange ||
        !apdu::matches(step->command, command)) {
        ++divergences_;
        return Bytes{0x6F, 0x00};
    }
    ++next_;
    if (step->failure)
        return std::nullopt;
    return apdu::filled(step->answer);
}

void ReplayCard::reset() {
    const bool expected = !finished() && trace_.steps[next_].kind == TraceStep::Kind::reset;
    next_ = expected ? next_ + 1 : 0;
}

} // namespace ykt::sim
