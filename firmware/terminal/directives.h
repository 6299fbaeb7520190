// What the operator orders this terminal to do: the body of the bulletin "directives", typed.
// docs/bulletins.md is its form.
#pragma once

#include "firmware/policy/catalogue.h"

namespace ykt::firmware::terminal {

struct Directive {
    enum class Action {
        lock,    // gives no service to anybody until it is unlocked
        unlock,  //
        message, // shown while the bulletin that has it is in force, and before notAfter
        resync,  // what was acknowledged from fromSequence on is delivered again
    };
    std::string id;       // 1 to 64 of a-z 0-9 . _; carried out once ever
    std::string terminal; // its id, or "*" for all
    Action action = Action::message;
    WallTime notAfter{}; // from then on it is not carried out any more
    policy::Text text;   // of a message
    std::uint64_t fromSequence = 0;
};
std::string_view nameOf(Directive::Action action);

// Errors: bulletin_malformed, with the path of what is wrong.
Result<std::vector<Directive>> parseDirectives(std::string_view json);

// For this terminal, and not over.
bool isFor(const Directive& directive, std::string_view terminal, WallTime now);

} // namespace ykt::firmware::terminal
