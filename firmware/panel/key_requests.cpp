#include "firmware/panel/key_requests.h"

#include "firmware/keys/key_list.h"

namespace ykt::firmware::panel {

using nlohmann::json;

Result<std::string> keysJson(const keys::KeyStore& keys) {
    const auto content = keys.content();
    if (!content)
        return failWith(content);
    return keys::keyList(*content).dump();
}

Result<std::string> rotateKeys(keys::KeyStore& keys, offline_store::Store& store, WallTime now) {
    const auto number = keys::rotateDataKey(keys, store, now);
    if (!number)
        return failWith(number);
    return json{{"newest", *number}}.dump();
}

Result<std::string> pruneKeys(keys::KeyStore& keys, offline_store::Store& store) {
    const auto gone = keys::pruneDataKeys(keys, store);
    if (!gone)
        return failWith(gone);
    return json{{"forgotten", *gone}}.dump();
}

} // namespace ykt::firmware::panel
