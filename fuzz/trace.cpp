// Traces: what was read and is written again is read the same.
#include "apdu/trace.h"
#include "fuzz/fuzz.h"

using namespace ykt;

YKT_FUZZ_TARGET(input) {
    const auto trace = apdu::parseTrace(toText(input));
    if (!trace) {
        fuzz::hold(trace.error() == Reason::input_malformed);
        return;
    }
    const auto again = apdu::parseTrace(apdu::formatTrace(*trace));
    fuzz::hold(again.has_value() && *again == *trace);
    for (const auto& step : trace->steps) {
        fuzz::hold(apdu::matches(step.answer, apdu::filled(step.answer)));
        fuzz::hold((step.kind == apdu::TraceStep::Kind::reset) == step.command.empty());
    }
}
