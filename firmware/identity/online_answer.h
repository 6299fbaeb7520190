// What the online verifier says of a code that proves nothing by itself.
#pragma once

#include "base/secret.h"

#include <string>

namespace ykt::firmware::identity {

struct OnlineAnswer {
    PersonalData<std::string> cardNumber; // of the holder's social security card, as the service names it
    std::string signLevel;                // of the electronic card, as the service names it; empty if not told
};

} // namespace ykt::firmware::identity
