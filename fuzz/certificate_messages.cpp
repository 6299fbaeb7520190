// What is asked and answered about a terminal's certificate over a broker: whatever comes, what is taken is
// within its limits.
#include "collector/certificates.h"
#include "firmware/courier/mqtt_messages.h"
#include "fuzz/fuzz.h"

using namespace ykt;

YKT_FUZZ_TARGET(input) {
    const auto text = toText(input);
    if (const auto answer = firmware::courier::parseCertificateMessage(text))
        fuzz::hold(answer->certificate.size() <= 16'384 && answer->refusal.size() <= 200);
    else
        fuzz::hold(answer.error() == Reason::reply_malformed);
    const auto question = collector::parseCertificateQuestion(text);
    fuzz::hold(question ? !question->terminal.empty() && !question->request.empty()
                        : question.error() == Reason::input_malformed);
}
