// A batch of records as a terminal sends it: what is taken can be checked, and has what a ledger asks for.
#include "collector/judgement.h"
#include "fuzz/fuzz.h"

using namespace ykt;

YKT_FUZZ_TARGET(input) {
    const auto batch = collector::parseTransactions(toText(input));
    const auto readable = collector::parseWhatIsReadable(toText(input));
    fuzz::hold(readable || !batch);
    if (readable)
        collector::faultsOf(*readable);
    if (!batch) {
        fuzz::hold(batch.error() == Reason::input_malformed);
        return;
    }
    fuzz::hold(!batch->records.empty() && !batch->terminal.empty());
    for (const auto& record : batch->records) {
        fuzz::hold(record.sequence <= INT64_MAX);
        collector::unsound(*batch, record);
    }
}
