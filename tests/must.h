// The value of what must not fail in a test: it ends the case with what the error says.
#pragma once

#include "base/result.h"

#include <catch2/catch.hpp>

namespace ykt::test {

template <typename T>
T must(Result<T> result) {
    INFO((result ? "" : explain(result.error())));
    REQUIRE(result);
    return std::move(*result);
}

} // namespace ykt::test
