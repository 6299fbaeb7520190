// A card that wants to break the terminal: what a forger can put on a programmable card, and what a dirty
// contact makes of a genuine one.
#pragma once

#include "base/time.h"
#include "sim/cards/card_software.h"

#include <array>
#include <memory>
#include <random>
#include <string_view>

namespace ykt::sim {

enum class HostileMode {
    random_answers,     // any bytes of any length, also none
    oversized,          // 65,533 bytes and 9000, whatever was asked for
    endless_more,       // 61xx to every command and every GET RESPONSE
    endless_correction, // 6Cxx, each time another length
    wrong_length,       // the right answer with bytes too few or too many
    truncated_tlv,      // templates that end before what their lengths promise
    evil_tlv,           // templates of the right tags whose lengths lie, nest, or do not end
    mute,               // no answer
    mutated,            // one answer is changed, the others are genuine
    swapped,            // another genuine card is there
    slow,               // genuine, but late
    forged_proof,       // genuine, but asked for the proof of a purchase it has eight bytes to say
};

// Those that answer at once, to anything; `slow` keeps its thread waiting, so it is for a reader with a
// thread of its own (VpcdSlot).
inline constexpr std::array promptHostileModes{HostileMode::random_answers, HostileMode::oversized,
                                               HostileMode::endless_more,   HostileMode::endless_correction,
                                               HostileMode::wrong_length,   HostileMode::truncated_tlv,
                                               HostileMode::evil_tlv,       HostileMode::mute,
                                               HostileMode::mutated,        HostileMode::swapped};

std::string_view nameOf(HostileMode mode);

struct HostileSpec {
    HostileMode mode = HostileMode::random_answers;
    std::uint64_t seed = 0;
    std::size_t at = 0; // it turns hostile with this command, counted from each reset (0 is the first)
    std::shared_ptr<CardSoftware> genuine; // what it is until then; null: 6A82 to everything
    std::shared_ptr<CardSoftware> other{}; // swapped: what it is from then on
    Milliseconds delay{300};               // slow: of each answer
};

// The same spec gives the same answers after every reset, as far as the genuine cards do (a challenge is
// random). `mutated` changes the answer to the command `at` only; every other mode goes on.
class HostileCard : public CardSoftware {
  public:
    explicit HostileCard(HostileSpec spec);

    [[nodiscard]] Bytes atr() const override;
    std::optional<Bytes> answer(ByteView command) override;
    void reset() override;

  private:
    using Change = Bytes (HostileCard::*)(Bytes answer);

    std::optional<Bytes> genuineAnswer(ByteView command);
    std::optional<Bytes> hostileAnswer(ByteView command);
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
    Bytes randomBytes(std::size_t size);
    std::optional<Bytes> changed(std::optional<Bytes> answer, Change change);
    Bytes withWrongLength(Bytes answer);
    Bytes mutated(Bytes answer);

    HostileSpec spec_;
    std::mt19937_64 random_;
    std::size_t commands_ = 0; // since the last reset
};

} // namespace ykt::sim
