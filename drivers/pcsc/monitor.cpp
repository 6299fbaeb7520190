#include "drivers/pcsc/monitor.h"

#include <algorithm>
#include <optional>
#include <winscard.h>

namespace ykt::drivers::pcsc {
namespace {

constexpr Milliseconds kFirstPause{50}; // between attempts to reach pcscd, doubled up to the longest
constexpr Milliseconds kLongestPause{1000};
constexpr Milliseconds kFirstSightLimit{1000};
// PC/SC-Lite 1.9 forgets a reader that is plugged in between SCardListReaders and SCardGetStatusChange, and
// tells of it at the next event only; this bounds the wait for that event.
constexpr Milliseconds kRelistAfter{10'000};
constexpr const char* kPlugAndPlay = R"(\\?PnP?\Notification)";
// SCardGetStatusChange takes this many, and one of them is plug and play.
constexpr std::size_t kMostReaders = PCSCLITE_MAX_READERS_CONTEXTS - 1;

struct Watched {
    std::string name;
    DWORD state = SCARD_STATE_UNAWARE;
    Bytes atr;
};

std::optional<std::vector<std::string>> listReaders(const Context& context) {
    DWORD size = 0;
    LONG code = SCardListReaders(context.handle(), nullptr, nullptr, &size);
    std::string text(size, '\0');
    if (code == SCARD_S_SUCCESS)
        code = SCardListReaders(context.handle(), nullptr, text.data(), &size);
    if (code == SCARD_E_NO_READERS_AVAILABLE)
        return std::vector<std::string>{};
    if (code == SCARD_E_INSUFFICIENT_BUFFER) // a reader came in between
        return listReaders(context);
    if (code != SCARD_S_SUCCESS)
        return std::nullopt;
    std::vector<std::string> names; // text is name NUL name NUL ... NUL
    for (std::size_t begin = 0; begin < text.size() && text[begin] != '\0' && names.size() < kMostReaders;) {
        names.emplace_back(text.c_str() + begin);
        begin += names.back().size() + 1;
    }
    return names;
}

// Keeps what is known of readers that are still there. True if readers came or went.
bool adopt(std::vector<Watched>& watched, const std::vector<std::string>& names) {
    std::vector<Watched> next;
    bool changed = watched.size() != names.size();
    for (const auto& name : names) {
        const auto known = std::ranges::find(watched, name, &Watched::name);
        changed = changed || known == watched.end();
        next.push_back(known == watched.end() ? Watched{.name = name, .atr = {}} : std::move(*known));
    }
    watched = std::move(next);
    return changed;
}

// `pnp` carries the count of reader events from one call to the next (PC/SC-Lite 2; 1.9 leaves it 0).
LONG waitForChange(const Context& context, std::vector<Watched>& watched, DWORD& pnp, Milliseconds timeout) {
    std::vector<SCARD_READERSTATE> states(watched.size() + 1);
    for (std::size_t i = 0; i < watched.size(); ++i) {
        states[i].szReader = watched[i].name.c_str();
        states[i].dwCurrentState = watched[i].state;
    }
    states.back().szReader = kPlugAndPlay;
    states.back().dwCurrentState = pnp;
    const LONG code = SCardGetStatusChange(context.handle(), static_cast<DWORD>(timeout.count()),
                                           states.data(), states.size());
    if (code != SCARD_S_SUCCESS)
        return code;
    for (std::size_t i = 0; i < watched.size(); ++i) {
        watched[i].state = states[i].dwEventState & ~DWORD{SCARD_STATE_CHANGED};
        const auto atrSize = std::min<std::size_t>(states[i].cbAtr, sizeof states[i].rgbAtr);
        watched[i].atr.assign(states[i].rgbAtr, states[i].rgbAtr + atrSize);
    }
    pnp = states.back().dwEventState & ~DWORD{SCARD_STATE_CHANGED};
    return code;
}

Sight sightOf(const std::vector<Watched>& watched) {
    Sight sight{.service = true, .readers = {}};
    for (const auto& reader : watched) {
        const bool card = (reader.state & SCARD_STATE_PRESENT) != 0;
        sight.readers.push_back(
            {.name = reader.name,
             .usable = (reader.state & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) == 0,
             .card = card,
             .events = static_cast<std::uint16_t>(reader.state >> 16),
             .atr = card ? reader.atr : Bytes{}});
    }
    return sight;
}

} // namespace

Monitor::Monitor(const hal::Clock& clock, std::shared_ptr<Watchdog> watchdog, const Limits& limits)
    : clock_(clock), watchdog_(std::move(watchdog)), limit_(limits.exchange),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kFirstSightLimit, [this] { return sighted_; });
}

Monitor::~Monitor() {
    thread_.request_stop();
    const std::lock_guard lock(mutex_);
    if (inUse_ != nullptr)
        inUse_->hangUp();
}

std::shared_ptr<Slot> Monitor::watch(std::string namePart) {
    auto slot = std::make_shared<Slot>(std::move(namePart));
    const std::lock_guard lock(mutex_);
    std::erase_if(slots_, [](const auto& known) { return known.expired(); });
    slots_.push_back(slot);
    if (sighted_)
        slot->observe(sight_, clock_.now().monotonic);
    return slot;
}

std::vector<std::string> Monitor::readerNames() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& reader : sight_.readers)
        names.push_back(reader.name);
    return names;
}

void Monitor::publish(Sight sight) {
    const auto seen = clock_.now().monotonic;
    {
        const std::lock_guard lock(mutex_);
        sight_ = std::move(sight);
        sighted_ = true;
        for (const auto& known : slots_)
            if (const auto slot = known.lock())
                slot->observe(sight_, seen);
    }
    changed_.notify_all();
}

void Monitor::setInUse(const Context* context) {
    const std::lock_guard lock(mutex_);
    inUse_ = context;
}

void Monitor::run(const std::stop_token& stop) {
    Milliseconds pause = kFirstPause;
    while (!stop.stop_requested()) {
        {
            const Context context(*watchdog_, limit_);
            if (context.code() == SCARD_S_SUCCESS && serve(context, stop))
                pause = kFirstPause;
        }
        if (stop.stop_requested())
            break;
        publish({.service = false, .readers = {}});
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, pause, [] { return false; });
        pause = std::min(2 * pause, kLongestPause);
    }
}

// Until pcscd goes or the stop. True if pcscd answered at all.
bool Monitor::serve(const Context& context, const std::stop_token& stop) {
    setInUse(&context); // from here on the stop ends every wait
    std::vector<Watched> watched;
    DWORD pnp = SCARD_STATE_UNAWARE;
    bool answered = false;
    while (!stop.stop_requested()) {
        const auto guard = watchdog_->arm(kRelistAfter + limit_, [&context] { context.hangUp(); });
        const auto names = listReaders(context);
        if (!names)
            break;
        const bool news = adopt(watched, *names) || !answered;
        const LONG code = waitForChange(context, watched, pnp, news ? Milliseconds{0} : kRelistAfter);
        if (code == SCARD_S_SUCCESS || code == SCARD_E_TIMEOUT)
            publish(sightOf(watched));
        else if (code != SCARD_E_UNKNOWN_READER && code != SCARD_E_CANCELLED) // a reader went since the list
            break;
        answered = true;
    }
    setInUse(nullptr);
    return answered;
}

} // namespace ykt::drivers::pcsc
