#include "firmware/courier/bulletin_fetcher.h"

#include "crypto/digest.h"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace ykt::firmware::courier {

BulletinFetcher::BulletinFetcher(offline_store::Store& store, Upstream& upstream,
                                 crypto::Sm2PublicKey publisher, BulletinSettings settings)
    : store_(store), upstream_(upstream), publisher_(std::move(publisher)), settings_(std::move(settings)) {}

tl::expected<void, UpstreamError> BulletinFetcher::fetch(const std::stop_token& stop,
                                                         const OnBulletin& onBulletin) {
    for (const auto& kind : settings_.kinds) {
        const auto asked = ask(kind, stop, onBulletin);
        if (asked)
            continue;
        // A refusal of this kind must not hold up the others nor the records; anything else would fail them
        // too.
        if (asked.error().error != Reason::upstream_rejected)
            return asked;
        spdlog::warn("courier: no {} bulletin: {}", kind, explain(asked.error().error));
    }
    return {};
}

tl::expected<void, UpstreamError> BulletinFetcher::ask(const std::string& kind, const std::stop_token& stop,
                                                       const OnBulletin& onBulletin) {
    const auto have = store_.bulletin(kind);
    if (!have)
        return tl::unexpected(UpstreamError{have.error()});
    const auto fetched = upstream_.fetchBulletin(kind, *have ? (*have)->version : 0, stop);
    if (!fetched)
        return tl::unexpected(fetched.error());
    if (*fetched)
        install(kind, **fetched, onBulletin);
    else
        confirm(kind);
    return {};
}

void BulletinFetcher::install(std::string_view kind, const Bytes& signedBulletin,
                              const OnBulletin& onBulletin) {
    const auto opened = offline_store::openBulletin(signedBulletin, publisher_);
    Result<void> installed;
    if (!opened)
        installed = failWith(opened);
    else if (opened->kind != kind)
        installed = fail(Reason::bulletin_malformed, "another kind than the one asked for");
    else if (auto admitted = settings_.admits ? settings_.admits(*opened) : Result<void>{}; !admitted)
        installed = std::move(admitted);
    else
        installed = store_.install(signedBulletin, publisher_);
    if (!installed) {
        reportRefused(kind, signedBulletin, installed.error());
        return;
    }
    spdlog::info("courier: {} bulletin {} is in force", kind, opened->version);
    confirm(kind);
    onBulletin(kind);
}

void BulletinFetcher::confirm(std::string_view kind) {
    if (const auto confirmed = store_.confirm(kind); !confirmed)
        spdlog::error("courier: {}", explain(confirmed.error()));
}

// Once for each bulletin, although it is fetched again and again until the publisher corrects it.
void BulletinFetcher::reportRefused(std::string_view kind, const Bytes& signedBulletin, const Error& error) {
    const auto digest = crypto::sha256(signedBulletin);
    const auto known = refused_.find(kind);
    if (known != refused_.end() && known->second == digest)
        return;
    spdlog::warn("courier: the {} bulletin was not installed: {}", kind, explain(error));
    const nlohmann::json payload{{"kind", kind}, {"reason", nameOf(error.reason)}};
    const auto told = store_.append(
        {offline_store::RecordClass::security_event, "bulletin_refused", toBytes(payload.dump()), {}});
    if (!told) {
        spdlog::error("courier: {}", explain(told.error()));
        return;
    }
    refused_.insert_or_assign(std::string(kind), digest);
}

} // namespace ykt::firmware::courier
