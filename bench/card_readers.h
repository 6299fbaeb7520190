// Readers that pass everything on, keep what was exchanged, and know how long it took.
#pragma once

#include "bench/series.h"
#include "drivers/event_queue.h"
#include "hal/card_reader.h"
#include "hal/clock.h"
#include "sim/cards/card_software.h"

#include <vector>

namespace ykt::bench {

enum class Party { card, sam };
struct Exchange {
    Party party;
    Bytes command;
    Bytes answer;
};

// What one presentation cost and said. The lane's thread writes, and main reads when the lane is done.
struct Ledger {
    std::vector<Exchange> exchanges;
    Microseconds transmitting{};
    Microseconds connecting{};
};

class TimedConnection : public hal::CardConnection {
  public:
    TimedConnection(std::unique_ptr<hal::CardConnection> inner, Party party, Ledger& ledger,
                    const hal::Clock& clock)
        : inner_(std::move(inner)), party_(party), ledger_(ledger), clock_(clock) {}

    [[nodiscard]] Bytes atr() const override { return inner_->atr(); }
    Result<Bytes> transmit(ByteView command) override {
        const auto begin = clock_.now().monotonic;
        auto answer = inner_->transmit(command);
        ledger_.transmitting += clock_.now().monotonic - begin;
        if (answer)
            ledger_.exchanges.push_back({party_, Bytes(command.begin(), command.end()), *answer});
        return answer;
    }
    Result<void> reset() override { return inner_->reset(); }
    Result<void> beginExclusive() override { return inner_->beginExclusive(); }
    void endExclusive() override { inner_->endExclusive(); }

  private:
    std::unique_ptr<hal::CardConnection> inner_;
    Party party_;
    Ledger& ledger_;
    const hal::Clock& clock_;
};

// Tells of a card when the benchmark presents one, so that rounds need not wait for vpcd's 400 ms; the card
// lies in the real reader all the time.
class PresentingReader : public hal::CardReader {
  public:
    PresentingReader(std::shared_ptr<hal::CardReader> inner, Party party, Ledger& ledger,
                     const hal::Clock& clock)
        : inner_(std::move(inner)), party_(party), ledger_(ledger), clock_(clock) {}

    void present() {
        ledger_ = {};
        events_.push({.kind = hal::CardEvent::Kind::removed, .atr = {}, .seen = clock_.now().monotonic});
        events_.push({.kind = hal::CardEvent::Kind::inserted, .atr = {}, .seen = clock_.now().monotonic});
    }

    [[nodiscard]] hal::ReaderInfo info() const override { return inner_->info(); }
    Result<std::optional<hal::CardEvent>> nextEvent(std::stop_token stop, Milliseconds timeout) override {
        return events_.next(stop, timeout);
    }
    Result<std::unique_ptr<hal::CardConnection>> connect() override {
        const auto begin = clock_.now().monotonic;
        auto connection = inner_->connect();
        ledger_.connecting += clock_.now().monotonic - begin;
        if (!connection)
            return failWith(connection);
        return std::make_unique<TimedConnection>(std::move(*connection), party_, ledger_, clock_);
    }

  private:
    std::shared_ptr<hal::CardReader> inner_;
    Party party_;
    Ledger& ledger_;
    const hal::Clock& clock_;
    drivers::EventQueue events_;
};

// Says again what was said, in turn, at no cost: so that two ways of asking meet the same card.
class Playback : public sim::CardSoftware {
  public:
    Playback(const std::vector<Exchange>& exchanges, Party party) {
        for (const auto& exchange : exchanges)
            if (exchange.party == party)
                answers_.push_back(exchange.answer);
    }
    [[nodiscard]] Bytes atr() const override { return {0x3B, 0x80, 0x80, 0x01, 0x01}; }
    std::optional<Bytes> answer(ByteView /*command*/) override { return answers_[next_++ % answers_.size()]; }
    void reset() override { next_ = 0; }

  private:
    std::vector<Bytes> answers_;
    std::size_t next_ = 0;
};

} // namespace ykt::bench
