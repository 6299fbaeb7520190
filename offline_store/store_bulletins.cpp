#include "offline_store/store_impl.h"

namespace ykt::offline_store {

namespace {

// Confirmations come every half minute for each kind: writing each down would wear the flash for nothing.
constexpr std::chrono::minutes durableConfirmations{5};

} // namespace

Result<void> Store::install(ByteView signedBulletin, const crypto::Sm2PublicKey& publisher) {
    auto bulletin = openBulletin(signedBulletin, publisher);
    if (!bulletin)
        return failWith(bulletin);
    bulletin->installed = impl_->clock.now().wall;
    if (const auto checked = checkBulletin(*bulletin, bulletin->installed); !checked)
        return checked;
    const std::scoped_lock installing(impl_->installing);
    if (bulletin->kind == revocationKind)
        return impl_->installRevocation(std::move(*bulletin));
    const std::scoped_lock lock(impl_->mutex);
    return transact(impl_->connection, "installing a bulletin", [&]() -> Result<void> {
        if (auto replaced = replaceBulletin(impl_->connection, *bulletin, false); !replaced)
            return replaced;
        return impl_->keepGuard();
    });
}

Result<std::optional<Bulletin>> Store::bulletin(std::string_view kind) {
    const std::scoped_lock lock(impl_->mutex);
    return guarded(impl_->connection, "reading a bulletin", [&]() -> Result<std::optional<Bulletin>> {
        return findBulletin(impl_->connection, kind);
    });
}

Result<std::uint64_t> Store::versionHeld(std::string_view kind) {
    const auto have = bulletin(kind);
    if (!have)
        return failWith(have);
    const bool usable = *have && (kind != revocationKind || impl_->revocations.isWhole());
    return usable ? (*have)->version : 0;
}

Result<void> Store::confirm(std::string_view kind) {
    const std::scoped_lock lock(impl_->mutex);
    const auto now = impl_->clock.now().wall;
    auto& known = impl_->confirmations[std::string(kind)];
    known.at = now;
    // A clock that was set back makes the row tell of a future, so it is written then too.
    if (known.durable <= now && now < known.durable + durableConfirmations)
        return {};
    const auto stored = transact(impl_->connection, "confirming a bulletin", [&]() -> Result<void> {
        storeConfirmation(impl_->connection, kind, now);
        return {};
    });
    if (stored)
        known.durable = now;
    return stored;
}

std::optional<WallTime> Store::confirmed(std::string_view kind) const {
    const std::scoped_lock lock(impl_->mutex);
    const auto known = impl_->confirmations.find(kind);
    return known == impl_->confirmations.end() ? std::nullopt : std::optional(known->second.at);
}

} // namespace ykt::offline_store
