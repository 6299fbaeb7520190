// Bodies of the bulletin "legacy_map": every card that is listed is found as it stands there, and no other.
#include "firmware/identity/legacy_map.h"
#include "base/hex.h"
#include "fuzz/fuzz.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

using namespace ykt;
using namespace ykt::firmware::identity;

YKT_FUZZ_TARGET(input) {
    const auto map = LegacyMap::parse(toText(input));
    if (!map) {
        fuzz::hold(map.error() == Reason::bulletin_malformed);
        return;
    }
    const auto plain = nlohmann::json::parse(toText(input))["cards"];
    fuzz::hold(map->size() == plain.size());
    std::set<LegacyDigest> listed;
    for (const auto& card : plain) {
        LegacyDigest digest{};
        const auto bytes = *fromHex(card["uid"].get<std::string>());
        std::copy(bytes.begin(), bytes.end(), digest.begin());
        const auto holder = map->find(digest);
        fuzz::hold(holder && listed.insert(digest).second && holder->lastDay.ok() &&
                   holder->region.size() == 6);
        fuzz::hold(ByteView(holder->subject).size() == 16 &&
                   *fromHex(card["holder"].get<std::string>()) ==
                       Bytes(holder->subject.begin(), holder->subject.end()));
    }
    for (auto digest : listed) {
        digest.back() ^= 1;
        fuzz::hold(listed.count(digest) > 0 || map->find(digest).error() == Reason::not_registered);
    }
}
