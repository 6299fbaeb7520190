#include "offline_store/store_impl.h"

namespace ykt::offline_store {

// What takes long is done before and without the store's mutex, so that no lane waits for it.
Result<void> Store::Impl::installRevocation(Bulletin bulletin) {
    const auto installed = checkNewer(bulletin);
    if (!installed)
        return failWith(installed);
    auto body = parseRevocationBody(bulletin.body);
    if (!body)
        return failWith(body);
    auto next = revocations.prepare(std::move(*body), *installed);
    if (!next)
        return failWith(next);
    bulletin.body = "{}"; // the list lies elsewhere
    if (const auto committed = commitRevocation(&bulletin, std::move(*next)); !committed)
        return committed;
    // The list is in force already; where this fails, the next delta tries again.
    if (auto folded = revocations.folded(); folded && *folded)
        (void)commitRevocation(nullptr, std::move(**folded));
    return {};
}

Result<void> Store::Impl::commitRevocation(const Bulletin* bulletin, Revocations::Next next) {
    const std::scoped_lock lock(mutex);
    auto committed = transact(connection, "installing a revocation list", [&]() -> Result<void> {
        if (bulletin)
            if (const auto replaced = replaceBulletin(connection, *bulletin, !revocations.isWhole());
                !replaced)
                return replaced;
        if (auto changed = revocations.commit(connection, next); !changed)
            return changed;
        return bulletin ? keepGuard() : Result<void>();
    });
    if (committed)
        revocations.adopt(std::move(next));
    return committed;
}

// The installed version of its kind, 0 if there is none. A list that is damaged may be installed again.
Result<std::uint64_t> Store::Impl::checkNewer(const Bulletin& bulletin) {
    const std::scoped_lock lock(mutex);
    return guarded(connection, "reading a bulletin", [&]() -> Result<std::uint64_t> {
        const auto have = findBulletin(connection, bulletin.kind);
        if (!have)
            return 0;
        const bool again = have->version == bulletin.version && !revocations.isWhole();
        if (bulletin.version <= have->version && !again)
            return fail(Reason::bulletin_not_newer, bulletin.kind + " " + std::to_string(bulletin.version));
        return have->version;
    });
}

Result<std::optional<Attachment>> Store::attachmentOf(const Bulletin& bulletin) {
    if (bulletin.kind != revocationKind)
        return std::nullopt;
    if (const auto checked = checkBulletin(bulletin, impl_->clock.now().wall); !checked)
        return failWith(checked);
    if (const auto newer = impl_->checkNewer(bulletin); !newer)
        return failWith(newer);
    const auto body = parseRevocationBody(bulletin.body);
    if (!body)
        return failWith(body);
    const auto* file = std::get_if<RevocationAttachment>(&*body);
    if (!file)
        return std::nullopt;
    const std::scoped_lock installing(impl_->installing);
    return impl_->revocations.attachment(*file);
}

Result<bool> Store::isRevoked(const RevocationKey& key) {
    return impl_->revocations.contains(key);
}

} // namespace ykt::offline_store
