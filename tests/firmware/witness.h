// Hears what a card says.
#pragma once

#include "sim/cards/card_software.h"

#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace ykt::test {

// Passes everything on, and keeps the answers that prove something. Any thread may ask for them.
class Witness : public sim::CardSoftware {
  public:
    explicit Witness(std::shared_ptr<sim::CardSoftware> card) : card_(std::move(card)) {}

    [[nodiscard]] Bytes atr() const override { return card_->atr(); }
    std::optional<Bytes> answer(ByteView command) override {
        auto said = card_->answer(command);
        const std::lock_guard lock(mutex_);
        if (said && command.size() > 1)
            said_[command[1]] = *said;
        // INITIALIZE FOR PURCHASE: balance (4) ‖ counter (2) ‖ ..
        if (said && said->size() >= 6 && command.size() > 1 && command[1] == 0x50)
            counters_.insert(static_cast<std::uint16_t>(readBigEndian(ByteView(*said).subspan(4, 2))));
        return said;
    }
    void reset() override { card_->reset(); }

    // The latest answer to INTERNAL AUTHENTICATE.
    [[nodiscard]] std::string cardProof() const { return toHex(latest(0x88)); }
    // The latest MAC2 of DEBIT FOR PURCHASE: TAC ‖ MAC2 ‖ 9000.
    [[nodiscard]] std::string mac2() const {
        const auto debit = latest(0x54);
        return debit.size() == 10 ? toHex(ByteView(debit).subspan(4)) : "none";
    }
    // All that purchases were begun with.
    [[nodiscard]] std::set<std::uint16_t> counters() const {
        const std::lock_guard lock(mutex_);
        return counters_;
    }

  private:
    [[nodiscard]] Bytes latest(std::uint8_t instruction) const {
        const std::lock_guard lock(mutex_);
        const auto found = said_.find(instruction);
        return found == said_.end() ? Bytes() : found->second;
    }

    std::shared_ptr<sim::CardSoftware> card_;
    mutable std::mutex mutex_;
    std::map<std::uint8_t, Bytes> said_;
    std::set<std::uint16_t> counters_;
};

} // namespace ykt::test
