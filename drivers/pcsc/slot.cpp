#include "drivers/pcsc/slot.h"

#include "drivers/pcsc/slot_kind.h"

#include <algorithm>

namespace ykt::drivers::pcsc {
namespace {

using Kind = hal::CardEvent::Kind;

// Longer than a reader takes to tell that it is empty: USB readers interrupt, but a driver without interrupts
// is asked by pcscd every 400 ms only.
constexpr Milliseconds kSettleLimit{800};

bool isLoss(Kind kind) {
    return kind == Kind::removed || kind == Kind::reader_gone || kind == Kind::service_gone;
}

} // namespace

std::vector<Kind> changes(const SlotState& before, const SlotState& after) {
    std::vector<Kind> kinds;
    if (!after.service) {
        if (before.service)
            kinds.push_back(Kind::service_gone);
        return kinds;
    }
    if (!before.service)
        kinds.push_back(Kind::service_back);

    const bool another = before.reader && after.reader && !before.name.empty() && before.name != after.name;
    if (before.reader && (!after.reader || another))
        kinds.push_back(Kind::reader_gone);
    if (!after.reader)
        return kinds;
    if (!before.reader || another)
        kinds.push_back(Kind::reader_back);

    const bool had = before.card && !another;
    const bool exchanged = before.events != after.events; // taken out and put in between two looks
    if (had && (!after.card || exchanged))
        kinds.push_back(Kind::removed);
    if (after.card && (!had || exchanged))
        kinds.push_back(Kind::inserted);
    return kinds;
}

SlotState Slot::stateAfter(const Sight& sight) const {
    SlotState next;
    next.name = state_.name;
    next.service = sight.service;
    if (!sight.service)
        return next;
    const auto sameName = [&](const ReaderSight& reader) { return reader.name == state_.name; };
    const auto fits = [&](const ReaderSight& reader) {
        return reader.name.find(namePart_) != reader.name.npos;
    };
    auto found = std::ranges::find_if(sight.readers, sameName);
    if (found == sight.readers.end())
        found = std::ranges::find_if(sight.readers, fits);
    next.reader = found != sight.readers.end() && found->usable;
    if (!next.reader)
        return next;
    next.name = found->name;
    next.card = found->card;
    next.events = found->events;
    next.atr = found->atr;
    return next;
}

void Slot::observe(const Sight& sight, MonotonicTime seen) {
    const std::lock_guard lock(mutex_);
    SlotState next = stateAfter(sight);
    for (const Kind kind : changes(state_, next)) {
        losses_ += isLoss(kind) ? 1U : 0U;
        queue_.push({.kind = kind, .atr = kind == Kind::inserted ? next.atr : Bytes{}, .seen = seen});
    }
    rememberKind(next);
    state_ = std::move(next);
    lost_.notify_all();
}

void Slot::rememberKind(const SlotState& next) {
    if (next.name != state_.name) {
        driverAsked_ = false;
        kindByDriver_.reset();
        kindByCard_.reset();
    }
    if (!next.atr.empty())
        kindByCard_ = kindByAtr(next.atr);
}

hal::SlotKind Slot::kind() const {
    const std::lock_guard lock(mutex_);
    if (const auto named = kindByName(state_.name))
        return *named;
    return kindByDriver_.value_or(kindByCard_.value_or(hal::SlotKind::contact));
}

bool Slot::asksForKind() const {
    const std::lock_guard lock(mutex_);
    return !driverAsked_ && !kindByName(state_.name);
}

void Slot::learnKind(std::optional<hal::SlotKind> byDriver) {
    const std::lock_guard lock(mutex_);
    driverAsked_ = true;
    kindByDriver_ = byDriver;
}

bool Slot::lossUntold() const {
    return queue_.holds([](const hal::CardEvent& event) { return isLoss(event.kind); });
}

SlotState Slot::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

std::string Slot::name() const {
    const std::lock_guard lock(mutex_);
    return state_.name.empty() ? namePart_ : state_.name;
}

std::uint64_t Slot::losses() const {
    const std::lock_guard lock(mutex_);
    return losses_;
}

Reason Slot::settle(Folding folding, std::uint64_t lossesBefore) const {
    if (!folding.ask)
        return folding.reason;
    std::unique_lock lock(mutex_);
    if (!lost_.wait_for(lock, kSettleLimit, [&] { return losses_ != lossesBefore; }))
        return folding.reason;
    if (!state_.service)
        return Reason::service_gone;
    return state_.reader ? Reason::card_gone : Reason::reader_gone;
}

} // namespace ykt::drivers::pcsc
