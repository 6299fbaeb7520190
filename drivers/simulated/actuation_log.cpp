#include "drivers/simulated/actuation_log.h"

#include <fcntl.h>
#include <unistd.h>

namespace ykt::drivers {
namespace {

// All texts in it are names of this program: nothing to escape.
std::string asJsonLine(const Actuation& actuation) {
    return R"({"actuator":")" + std::string(actuation.actuator) + R"(","signal":")" +
           std::string(actuation.signal) + R"(","wall_ms":)" +
           std::to_string(unixMilliseconds(actuation.at.wall)) + R"(,"monotonic_ns":)" +
           std::to_string(actuation.at.monotonic.time_since_epoch().count()) + "}\n";
}

} // namespace

ActuationLog::ActuationLog(const hal::Clock& clock, std::filesystem::path file)
    : clock_(clock), path_(std::move(file)) {}

ActuationLog::~ActuationLog() {
    if (file_ >= 0)
        ::close(file_);
}

std::vector<Actuation> ActuationLog::all() const {
    const std::lock_guard lock(mutex_);
    return {latest_.begin(), latest_.end()};
}

bool ActuationLog::waitFor(std::size_t count, Milliseconds timeout) const {
    std::unique_lock lock(mutex_);
    return recorded_.wait_for(lock, timeout, [&] { return count_ >= count; });
}

Result<void> ActuationLog::record(std::string_view actuator, std::string_view signal) {
    const std::lock_guard lock(mutex_);
    const Actuation actuation{.actuator = actuator, .signal = signal, .at = clock_.now()};
    if (latest_.size() == capacity)
        latest_.pop_front();
    latest_.push_back(actuation);
    ++count_;
    recorded_.notify_all();
    return path_.empty() ? Result<void>{} : append(actuation);
}

Result<void> ActuationLog::append(const Actuation& actuation) {
    constexpr mode_t ownerAndGroup = 0640;
    if (file_ < 0)
        file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, ownerAndGroup);
    const std::string line = asJsonLine(actuation);
    if (file_ < 0 || ::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        return fail(Reason::wire_failed, path_.string());
    return {};
}

} // namespace ykt::drivers
