#include "bench/idle_and_events.h"

#include "bench/card_readers.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <winscard.h>

namespace ykt::bench {
namespace {

constexpr int insertions = 20;

[[noreturn]] void witness(int pipe) {
    const drivers::SystemClock clock;
    SCARDCONTEXT context = 0;
    SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context);
    SCARD_READERSTATE state{};
    state.szReader = "Virtual PCD 00 00";
    while (SCardGetStatusChange(context, INFINITE, &state, 1) == SCARD_S_SUCCESS) {
        const auto now = clock.now().monotonic;
        const bool came = (state.dwEventState & SCARD_STATE_PRESENT) != 0 &&
                          (state.dwCurrentState & SCARD_STATE_PRESENT) == 0;
        if (came && ::write(pipe, &now, sizeof now) != sizeof now)
            break;
        state.dwCurrentState = state.dwEventState;
    }
    ::_exit(0);
}

} // namespace

EventWitness::EventWitness() {
    int ends[2];
    if (::pipe(ends) != 0)
        throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ == 0)
        witness(ends[1]);
    ::close(ends[1]);
    pipe_ = ends[0];
}

EventWitness::~EventWitness() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
    ::close(pipe_);
}

MonotonicTime EventWitness::next() const {
    MonotonicTime moment;
    if (::read(pipe_, &moment, sizeof moment) != sizeof moment)
        throw std::runtime_error("the witness of events is gone");
    return moment;
}

std::chrono::duration<double, std::micro> idleCpu(std::chrono::seconds during) {
    const auto used = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
               static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    };
    const auto before = used();
    std::this_thread::sleep_for(during);
    return std::chrono::duration<double, std::micro>((used() - before) / static_cast<double>(during.count()));
}

void measureEvents(drivers::Pcsc& pcsc, const EventWitness& witness, const hal::Clock& clock) {
    const auto reader = pcsc.reader("Virtual PCD 00 00");
    sim::VpcdSlot slot;
    std::vector<double> later;
    const auto wait = [&](hal::CardEvent::Kind kind) {
        const auto event = reader->nextEvent({}, std::chrono::seconds(5)).value();
        const auto now = clock.now().monotonic;
        if (!event || event->kind != kind)
            throw std::runtime_error("no such event");
        return now;
    };
    for (int i = 0; i < insertions; ++i) {
        slot.insert(std::make_shared<Playback>(std::vector<Exchange>{}, Party::card));
        const auto told = wait(hal::CardEvent::Kind::inserted);
        later.push_back(Microseconds(told - witness.next()).count());
        slot.remove();
        wait(hal::CardEvent::Kind::removed);
    }
    std::ranges::sort(later);
    std::printf("an event reaches its consumer later than a bare SCardGetStatusChange returns, microseconds\n"
                "  median %.0f, smallest %.0f, largest %.0f of %d\n",
                later[later.size() / 2], later.front(), later.back(), insertions);
}

void waitUntilEmpty(hal::CardReader& reader) {
    for (int tries = 0; tries < 100; ++tries) {
        if (!reader.connect())
            return;
        reader.nextEvent({}, std::chrono::milliseconds(100)).value();
    }
    throw std::runtime_error("a card stays in " + reader.info().name);
}

std::unique_ptr<hal::CardConnection> connectSoon(hal::CardReader& reader) {
    for (int tries = 0; tries < 100; ++tries) {
        if (auto connection = reader.connect())
            return std::move(*connection);
        reader.nextEvent({}, std::chrono::milliseconds(100)).value();
    }
    throw std::runtime_error("no card in " + reader.info().name);
}

} // namespace ykt::bench
