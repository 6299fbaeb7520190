// Errors as values: a reason from the one list, and a context that never holds personal data, keys or
// payloads.
#pragma once

#include "base/reason.h"

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace ykt {

struct Error {
    Reason reason{};
    std::string context; // what was being done: file, command, status word; never data of a holder

    friend bool operator==(const Error& error, Reason reason) { return error.reason == reason; }
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Reason reason, std::string context = {}) {
    return tl::unexpected<Error>(Error{reason, std::move(context)});
}

// Hands the error of a failed result on to a caller whose result has another type.
template <typename T>
tl::unexpected<Error> failWith(const Result<T>& result) {
    return tl::unexpected<Error>(result.error());
}

// "card_gone (reading EF05): The card left ... Remedy: ..." for logs and tools.
std::string explain(const Error& error);

} // namespace ykt
