// Masking: every byte of a session is either itself or masked, and lengths stay.
#include "apdu/trace_masking.h"
#include "fuzz/fuzz.h"

using namespace ykt;

// Commands and answers in turn, each behind its length.
YKT_FUZZ_TARGET(input) {
    constexpr std::uint8_t verify = 0x20;
    constexpr std::size_t pinAt = 5;
    apdu::TraceMasking masking;
    while (!input.empty()) {
        const auto command = fuzz::takeCounted(input);
        const auto answer = fuzz::takeCounted(input);
        const auto shownCommand = masking.command(command);
        const auto shownAnswer = masking.answer(answer);
        fuzz::hold(apdu::matches(shownCommand, command) && apdu::matches(shownAnswer, answer));
        if (command.size() > pinAt && command[1] == verify && command[4] == command.size() - pinAt)
            for (auto i = pinAt; i < command.size(); ++i)
                fuzz::hold(!shownCommand[i].has_value());
    }
}
