// What programs on the same machine tell the terminal through the panel.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "firmware/policy/fare.h"

#include <string_view>

namespace ykt::firmware::panel {

// {"pin": "123456"}. Whether the digits are a PIN, the card's application judges. Errors: input_malformed.
Result<Secret> pinFrom(std::string_view body);

// {"line": 1, "direction": 0, "station": 7}. Errors: input_malformed.
Result<policy::Position> positionFrom(std::string_view body);

} // namespace ykt::firmware::panel
