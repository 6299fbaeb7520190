#include "offline_store/store_impl.h"

namespace ykt::offline_store {

Result<void> Store::install(ByteView signedBulletin, const crypto::Sm2PublicKey& publisher) {
    auto bulletin = openBulletin(signedBulletin, publisher);
    if (!bulletin)
        return failWith(bulletin);
    bulletin->installed = impl_->clock.now().wall;
    if (const auto checked = checkBulletin(*bulletin, bulletin->installed); !checked)
        return checked;
    std::optional<RevocationList> list;
    if (bulletin->kind == "revocation") {
        auto parsed = RevocationList::parse(bulletin->body);
        if (!parsed)
            return failWith(parsed);
        list = std::move(*parsed);
    }
    const std::scoped_lock lock(impl_->mutex);
    auto replaced = transact(impl_->connection, "installing a bulletin",
                             [&] { return replaceBulletin(impl_->connection, *bulletin); });
    if (replaced && list)
        impl_->revocation = std::move(list);
    return replaced;
}

Result<std::optional<Bulletin>> Store::bulletin(std::string_view kind) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded("reading a bulletin", [&]() -> Result<std::optional<Bulletin>> {
        return findBulletin(impl_->connection, kind);
    });
}

Result<bool> Store::isRevoked(const RevocationKey& key) {
    const std::scoped_lock lock(impl_->mutex);
    if (!impl_->revocation)
        return fail(Reason::look_up_failed, "no revocation list is installed");
    return impl_->revocation->contains(key);
}

} // namespace ykt::offline_store
