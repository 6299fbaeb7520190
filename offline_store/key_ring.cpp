#include "offline_store/key_ring.h"

#include "crypto/aead.h"

namespace ykt::offline_store {

KeyRing KeyRing::clone() const {
    KeyRing copy;
    for (const auto& [number, key] : keys_)
        copy.add(number, key.clone());
    return copy;
}

Result<Bytes> KeyRing::seal(ByteView plain, ByteView associated) const {
    if (keys_.empty())
        return fail(Reason::key_invalid, "no data key");
    return crypto::seal(keys_.rbegin()->second, plain, associated);
}

Result<Secret> KeyRing::unseal(std::uint32_t number, ByteView sealed, ByteView associated) const {
    const auto key = keys_.find(number);
    if (key == keys_.end())
        return fail(Reason::unseal_failed, "data key " + std::to_string(number) + " is missing");
    return crypto::unseal(key->second, sealed, associated);
}

Result<Secret> KeyRing::unseal(ByteView sealed, ByteView associated) const {
    Result<Secret> opened = fail(Reason::unseal_failed, "no data key opens it");
    for (auto key = keys_.rbegin(); key != keys_.rend() && !opened; ++key)
        opened = crypto::unseal(key->second, sealed, associated);
    return opened;
}

} // namespace ykt::offline_store
