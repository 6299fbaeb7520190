#include "sim/cards/hostile_card.h"

#include "sim/cards/hostile_tlv.h"
#include "sim/cards/personalisation.h"

#include <algorithm>
#include <thread>

namespace ykt::sim {
namespace {

constexpr std::size_t longestAnswer = 65535; // what a virtual reader can carry
constexpr std::uint8_t getTransactionProof = 0x5A;
constexpr std::size_t proofSize = 8; // MAC and TAC
const Bytes success{0x90, 0x00};
const Bytes fileNotFound{0x6A, 0x82};

} // namespace

std::string_view nameOf(HostileMode mode) {
    switch (mode) {
    case HostileMode::random_answers:
        return "random_answers";
    case HostileMode::oversized:
        return "oversized";
    case HostileMode::endless_more:
        return "endless_more";
    case HostileMode::endless_correction:
        return "endless_correction";
    case HostileMode::wrong_length:
        return "wrong_length";
    case HostileMode::truncated_tlv:
        return "truncated_tlv";
    case HostileMode::evil_tlv:
        return "evil_tlv";
    case HostileMode::mute:
        return "mute";
    case HostileMode::mutated:
        return "mutated";
    case HostileMode::swapped:
        return "swapped";
    case HostileMode::slow:
        return "slow";
    case HostileMode::forged_proof:
        return "forged_proof";
    }
    return {};
}

HostileCard::HostileCard(HostileSpec spec) : spec_(std::move(spec)), random_(spec_.seed) {}

Bytes HostileCard::atr() const {
    return spec_.genuine ? spec_.genuine->atr() : answerToReset(CardInterface::contactless, Bytes(13, 0x48));
}

void HostileCard::reset() {
    commands_ = 0;
    random_.seed(spec_.seed);
    for (const auto& card : {spec_.genuine, spec_.other}) {
        if (card)
            card->reset();
    }
}

std::optional<Bytes> HostileCard::answer(ByteView command) {
    const auto index = commands_++;
    const bool hostile = spec_.mode == HostileMode::mutated ? index == spec_.at : index >= spec_.at;
    return hostile ? hostileAnswer(command) : genuineAnswer(command);
}

std::optional<Bytes> HostileCard::genuineAnswer(ByteView command) {
    return spec_.genuine ? spec_.genuine->answer(command) : fileNotFound;
}

std::optional<Bytes> HostileCard::hostileAnswer(ByteView command) {
    const auto draw = [this](std::size_t limit) { return below(limit); };
    switch (spec_.mode) {
    case HostileMode::random_answers:
        return randomBytes(below(300));
    case HostileMode::oversized:
        return concat({randomBytes(longestAnswer - success.size()), success});
    case HostileMode::endless_more: {
        const bool fetched = command.size() > 1 && command[1] == 0xC0;
        return concat({randomBytes(fetched ? 0x10 : 0), Bytes{0x61, 0x10}});
    }
    case HostileMode::endless_correction:
        return Bytes{0x6C, static_cast<std::uint8_t>(1 + below(255))};
    case HostileMode::wrong_length:
        return changed(genuineAnswer(command), &HostileCard::withWrongLength);
    case HostileMode::truncated_tlv:
        return concat({truncatedTlv(draw), success});
    case HostileMode::evil_tlv:
        return concat({evilTlv(draw), success});
    case HostileMode::mute:
        return std::nullopt;
    case HostileMode::mutated:
        return changed(genuineAnswer(command), &HostileCard::mutated);
    case HostileMode::swapped:
        return spec_.other ? spec_.other->answer(command) : fileNotFound;
    case HostileMode::slow:
        std::this_thread::sleep_for(spec_.delay);
        return genuineAnswer(command);
    case HostileMode::forged_proof: {
        auto genuine = genuineAnswer(command);
        const bool asked = command.size() > 1 && command[0] == 0x80 && command[1] == getTransactionProof;
        return asked ? concat({randomBytes(proofSize), success}) : genuine;
    }
    }
    return std::nullopt;
}

std::optional<Bytes> HostileCard::changed(std::optional<Bytes> answer, Change change) {
    return answer ? std::optional((this->*change)(std::move(*answer))) : std::nullopt;
}

Bytes HostileCard::randomBytes(std::size_t size) {
    Bytes out(size);
    std::ranges::generate(out, [this] { return static_cast<std::uint8_t>(random_()); });
    return out;
}

// Bytes before the status are lost or added.
Bytes HostileCard::withWrongLength(Bytes answer) {
    if (answer.size() < success.size())
        return answer;
    const auto size = answer.size() - success.size();
    const ByteView status = ByteView(answer).subspan(size);
    if (size > 0 && below(2) == 0)
        return concat({ByteView(answer).first(below(size)), status});
    return concat({ByteView(answer).first(size), randomBytes(1 + below(40)), status});
}

// One byte of the answer, its status too, becomes another one.
Bytes HostileCard::mutated(Bytes answer) {
    if (answer.empty())
        return answer;
    answer[below(answer.size())] ^= static_cast<std::uint8_t>(1 + below(255));
    return answer;
}

} // namespace ykt::sim
