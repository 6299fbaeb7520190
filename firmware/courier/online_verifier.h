// Who says whether a code holds that no terminal can prove: an electronic card code, or the online form of a
// fusion code.
#pragma once

#include "base/result.h"
#include "firmware/identity/online_answer.h"

namespace ykt::qr {
struct OnlineCode;
}

namespace ykt::firmware::courier {

class OnlineVerifier {
  public:
    virtual ~OnlineVerifier() = default;

    // One question with one answer, which belongs to this code and no other. Safe to call from several lanes.
    // Errors: code_not_valid (the verifier said no); unreachable, upstream_timeout (nobody said anything,
    // though the question may have arrived: the service's offline rule decides); upstream_untrusted,
    // upstream_rejected, reply_malformed (we failed); cancelled.
    virtual Result<identity::OnlineAnswer> verify(const qr::OnlineCode& code,
                                                  const identity::QuestionId& question) = 0;
};

} // namespace ykt::firmware::courier
