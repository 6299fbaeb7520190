// The file of a terminal's keys: what is taken is the same when it is written and read again.
#include "firmware/keys/key_store_format.h"
#include "fuzz/fuzz.h"

#include <algorithm>

using namespace ykt;
using namespace ykt::firmware::keys;

namespace {

bool same(const KeyStoreContent& one, const KeyStoreContent& other) {
    const auto sameKey = [](const auto& a, const auto& b) {
        return a.number == b.number && a.made == b.made && a.wrapped == b.wrapped;
    };
    const auto sameIdentity = [](const auto& a, const auto& b) {
        return a.certificatePem == b.certificatePem && a.wrapped == b.wrapped;
    };
    return one.kek == other.kek &&
           std::equal(one.dataKeys.begin(), one.dataKeys.end(), other.dataKeys.begin(), other.dataKeys.end(),
                      sameKey) &&
           std::equal(one.identities.begin(), one.identities.end(), other.identities.begin(),
                      other.identities.end(), sameIdentity);
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto content = parseKeyStore(toText(input));
    if (!content) {
        fuzz::hold(content.error() == Reason::key_store_failed);
        return;
    }
    for (const auto& key : content->dataKeys)
        fuzz::hold(key.number >= 1 && !key.wrapped.empty());
    const auto again = parseKeyStore(formatKeyStore(*content));
    fuzz::hold(again && same(*again, *content));
}
