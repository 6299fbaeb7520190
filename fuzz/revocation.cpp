// Revocation lists: bodies of bulletins, files of sorted keys and footers of stored files. What is taken has
// the form that look-ups rely on, and a delta answers as a set would.
#include "offline_store/revocation.h"
#include "fuzz/fuzz.h"

#include <algorithm>
#include <set>

using namespace ykt;
using namespace ykt::offline_store;

namespace {

void holdAscending(const RevocationKeys& keys) {
    fuzz::hold(std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) == keys.end());
}

void tryDelta(const RevocationDelta& delta) {
    holdAscending(delta.add);
    holdAscending(delta.remove);
    const RevocationList before(nullptr, {delta.remove, {}}); // as if all that is removed had been listed
    const auto after = before.with(delta);
    const std::set<RevocationKey> listed(delta.add.begin(), delta.add.end());
    for (const auto& key : delta.add)
        fuzz::hold(*after.contains(key));
    for (const auto& key : delta.remove)
        fuzz::hold(!*after.contains(key) && !listed.contains(key));
    fuzz::hold(*after.keys() == delta.add);
}

void tryBody(ByteView input) {
    const auto body = parseRevocationBody(toText(input));
    if (!body) {
        fuzz::hold(body.error() == Reason::bulletin_malformed);
        return;
    }
    if (const auto* entries = std::get_if<RevocationEntries>(&*body))
        holdAscending(entries->keys);
    if (const auto* file = std::get_if<RevocationAttachment>(&*body))
        fuzz::hold(file->bytes > 0 && file->bytes <= mostRevoked * revocationKeySize &&
                   file->bytes % 16 == 0);
    if (const auto* delta = std::get_if<RevocationDelta>(&*body))
        tryDelta(*delta);
}

void tryFilter(const RevocationKeys& keys) {
    const auto filter = buildFuseFilter(keys);
    fuzz::hold(filter && std::all_of(keys.begin(), keys.end(), [&](const RevocationKey& key) {
                   return mayContain(filter->shape, filter->fingerprints, key);
               }));
}

} // namespace

YKT_FUZZ_TARGET(input) {
    tryBody(input);
    if (const auto keys = parseSortedKeys(input); keys && !keys->empty()) {
        holdAscending(*keys);
        tryFilter(*keys);
    }
    if (input.size() < RevocationFooter::size)
        return;
    const auto end = input.last(RevocationFooter::size);
    // The size is the fuzzer's to choose too, by eight bytes at the front.
    for (const auto size : {std::uint64_t{input.size()}, readBigEndian(input.first(8))})
        if (const auto footer = RevocationFooter::parse(end, size)) {
            fuzz::hold(footer->keys * revocationKeySize + footer->filter.size() * 2 +
                           RevocationFooter::size ==
                       size);
            fuzz::hold(toText(footer->bytes()) == toText(end));
        }
}
