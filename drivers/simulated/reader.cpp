#include "drivers/simulated/reader.h"

#include "drivers/event_queue.h"

namespace ykt::drivers {
namespace {

constexpr Milliseconds kExclusiveLimit{1000};

struct Card {
    Bytes atr;
    SimulatedReader::Answer answer;
    SimulatedReader::Reset reset;

    std::mutex contacts; // held while the card acts, never together with `mutex`
    bool powered = false;

    std::mutex mutex; // guards what follows
    std::condition_variable freed;
    bool present = true;
    const void* holder = nullptr; // the connection that has the card for itself

    // Waits until the card is gone or free for `connection`. Errors: card_gone, reader_busy.
    Result<void> admit(std::unique_lock<std::mutex>& lock, const void* connection) {
        const auto settled = [&] { return !present || holder == nullptr || holder == connection; };
        if (!freed.wait_for(lock, kExclusiveLimit, settled))
            return fail(Reason::reader_busy, "simulated reader");
        if (!present)
            return fail(Reason::card_gone, "simulated reader");
        return {};
    }
};

class Connection final : public hal::CardConnection {
  public:
    explicit Connection(std::shared_ptr<Card> card) : card_(std::move(card)) {}
    ~Connection() override { endExclusive(); }

    [[nodiscard]] Bytes atr() const override { return card_->atr; }

    Result<Bytes> transmit(ByteView command) override {
        std::optional<Bytes> answer;
        if (auto acted = act([&] { answer = card_->answer(command); }); !acted)
            return failWith(acted);
        if (!answer)
            return fail(Reason::card_mute, "simulated reader");
        return std::move(*answer);
    }

    Result<void> reset() override { return act(card_->reset); }

    Result<void> beginExclusive() override {
        std::unique_lock lock(card_->mutex);
        if (auto admitted = card_->admit(lock, this); !admitted)
            return admitted;
        card_->holder = this;
        return {};
    }

    void endExclusive() override {
        const std::lock_guard lock(card_->mutex);
        if (card_->holder != this)
            return;
        card_->holder = nullptr;
        card_->freed.notify_all();
    }

    Result<void> powerUp() {
        return act([this] {
            if (!card_->powered)
                card_->reset();
            card_->powered = true;
        });
    }

  private:
    Result<void> act(const std::function<void()>& deed) {
        {
            std::unique_lock lock(card_->mutex);
            if (auto admitted = card_->admit(lock, this); !admitted)
                return admitted;
        }
        {
            const std::lock_guard contacts(card_->contacts);
            deed();
        }
        const std::lock_guard lock(card_->mutex);
        if (!card_->present)
            return fail(Reason::card_gone, "simulated reader");
        return {};
    }

    std::shared_ptr<Card> card_;
};

} // namespace

struct SimulatedReader::Slot {
    explicit Slot(const hal::Clock& systemClock) : clock(systemClock) {}

    const hal::Clock& clock;
    EventQueue events;
    std::mutex mutex; // guards `card` and the order of events
    std::shared_ptr<Card> card;

    void takeOut() {
        if (!card)
            return;
        {
            const std::lock_guard lock(card->mutex);
            card->present = false;
            card->freed.notify_all();
        }
        card.reset();
        events.push({.kind = hal::CardEvent::Kind::removed, .atr = {}, .seen = clock.now().monotonic});
    }
};

SimulatedReader::SimulatedReader(hal::ReaderInfo info, const hal::Clock& clock)
    : info_(std::move(info)), slot_(std::make_shared<Slot>(clock)) {}

SimulatedReader::~SimulatedReader() = default;

void SimulatedReader::insert(Bytes atr, Answer answer, Reset reset) {
    auto card = std::make_shared<Card>();
    card->atr = atr;
    card->answer = std::move(answer);
    card->reset = std::move(reset);
    const std::lock_guard lock(slot_->mutex);
    slot_->takeOut();
    slot_->card = std::move(card);
    slot_->events.push({.kind = hal::CardEvent::Kind::inserted,
                        .atr = std::move(atr),
                        .seen = slot_->clock.now().monotonic});
}

void SimulatedReader::remove() {
    const std::lock_guard lock(slot_->mutex);
    slot_->takeOut();
}

Result<std::optional<hal::CardEvent>> SimulatedReader::nextEvent(std::stop_token stop, Milliseconds timeout) {
    return slot_->events.next(stop, timeout);
}

Result<std::unique_ptr<hal::CardConnection>> SimulatedReader::connect() {
    std::shared_ptr<Card> card;
    {
        const std::lock_guard lock(slot_->mutex);
        card = slot_->card;
    }
    if (!card)
        return fail(Reason::card_gone, info_.name);
    auto connection = std::make_unique<Connection>(std::move(card));
    if (auto powered = connection->powerUp(); !powered)
        return failWith(powered);
    return connection;
}

} // namespace ykt::drivers
