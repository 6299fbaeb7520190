#include "firmware/keys/rotation.h"

namespace ykt::firmware::keys {

Result<std::uint32_t> rotateDataKey(KeyStore& keys, offline_store::Store& store, WallTime now) {
    auto added = keys.addDataKey(now);
    if (!added)
        return failWith(added);
    const auto number = added->first;
    if (const auto rotated = store.rotateDataKey(number, std::move(added->second)); !rotated)
        return failWith(rotated);
    return number;
}

Result<std::vector<std::uint32_t>> pruneDataKeys(KeyStore& keys, offline_store::Store& store) {
    const auto needed = store.dataKeysInUse();
    if (!needed)
        return failWith(needed);
    return keys.forgetDataKeys(*needed);
}

} // namespace ykt::firmware::keys
