// What the online verifier says of a code that proves nothing by itself.
#pragma once

#include "base/bytes.h"
#include "base/secret.h"

#include <string>

namespace ykt::firmware::identity {

// Names one question: drawn anew for each presentation.
using QuestionId = ByteArray<16>;

struct OnlineAnswer {
    PersonalData<std::string> cardNumber; // of the holder's social security card, as the service names it
    std::string signLevel; // of the electronic card, as the service names it; empty if not told
    std::string region;    // of issue, six digits of GB/T 2260; empty if not told
};

} // namespace ykt::firmware::identity
