// Payloads as they are packed: what is unpacked keeps within its bound, and packing comes back.
#include "offline_store/packing.h"
#include "fuzz/fuzz.h"

#include <algorithm>

using namespace ykt;
using namespace ykt::offline_store;

YKT_FUZZ_TARGET(input) {
    const auto payload = unpack(input);
    if (payload)
        fuzz::hold(payload->size() <= 65'535 || payload->size() < input.size());
    else
        fuzz::hold(payload.error() == Reason::store_corrupt);
    const auto packed = pack(input);
    fuzz::hold(packed.size() % 32 == 0 && packed.size() <= std::max<std::size_t>(128, input.size() + 33));
    fuzz::hold(unpack(packed) == Bytes(input.begin(), input.end()));
}
