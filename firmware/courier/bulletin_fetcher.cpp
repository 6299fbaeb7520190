#include "firmware/courier/bulletin_fetcher.h"

#include "crypto/digest.h"
#include "offline_store/durable_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace ykt::firmware::courier {

namespace {

tl::unexpected<UpstreamError> ownFailure(Error error) {
    return tl::unexpected(UpstreamError{std::move(error)});
}

} // namespace

BulletinFetcher::BulletinFetcher(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                                 crypto::Sm2PublicKey publisher, BulletinSettings settings)
    : store_(store), upstream_(upstream), clock_(clock), publisher_(std::move(publisher)),
      settings_(std::move(settings)) {}

BulletinFetcher::Done BulletinFetcher::fetch(const std::stop_token& stop, const OnBulletin& onBulletin) {
    for (const auto& kind : settings_.kinds) {
        if (download_ && download_->kind == kind)
            continue;
        const auto have = store_.versionHeld(kind);
        if (!have)
            return ownFailure(have.error());
        const auto asked = ask(kind, *have, stop, onBulletin);
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

BulletinFetcher::Done BulletinFetcher::ask(const std::string& kind, std::uint64_t above,
                                           const std::stop_token& stop, const OnBulletin& onBulletin) {
    const auto fetched = upstream_.fetchBulletin(kind, above, stop);
    if (!fetched)
        return tl::unexpected(fetched.error());
    if (!*fetched) {
        confirm(kind);
        return {};
    }
    const auto taken = take(kind, **fetched, onBulletin);
    if (taken)
        return {};
    if (taken.error() == Reason::bulletin_base_missing && above > 0)
        return ask(kind, 0, stop, onBulletin); // the whole list
    reportRefused(kind, **fetched, taken.error());
    return {};
}

Result<void> BulletinFetcher::take(const std::string& kind, const Bytes& signedBulletin,
                                   const OnBulletin& onBulletin) {
    const auto opened = offline_store::openBulletin(signedBulletin, publisher_);
    if (!opened)
        return failWith(opened);
    if (opened->kind != kind)
        return fail(Reason::bulletin_malformed, "another kind than the one asked for");
    if (auto admitted = settings_.admits ? settings_.admits(*opened) : Result<void>{}; !admitted)
        return admitted;
    auto file = store_.attachmentOf(*opened);
    if (!file)
        return failWith(file);
    if (!*file)
        return install(kind, signedBulletin, onBulletin);
    const auto refused = refused_.find(kind);
    const bool lately = refused != refused_.end() &&
                        refused->second.digest == crypto::sha256(signedBulletin) &&
                        clock_.now().monotonic < refused->second.at + retryFile;
    if (!lately)
        download_ = {kind, signedBulletin, std::move(**file)};
    return {};
}

Result<void> BulletinFetcher::install(const std::string& kind, const Bytes& signedBulletin,
                                      const OnBulletin& onBulletin) {
    if (auto installed = store_.install(signedBulletin, publisher_); !installed)
        return installed;
    spdlog::info("courier: {} bulletin {} is in force", kind, store_.versionHeld(kind).value_or(0));
    confirm(kind);
    onBulletin(kind);
    return {};
}

BulletinFetcher::Done BulletinFetcher::proceed(const std::stop_token& stop, const OnBulletin& onBulletin) {
    for (int part = 0; download_ && part < partsInARow; ++part) {
        if (offline_store::sizeOf(download_->file.path) < download_->file.bytes) {
            if (auto fetched = fetchPart(stop); !fetched)
                return fetched;
        } else if (const auto installed = install(download_->kind, download_->signedBulletin, onBulletin);
                   installed) {
            download_.reset();
        } else {
            giveUp(installed.error());
        }
    }
    return {};
}

BulletinFetcher::Done BulletinFetcher::fetchPart(const std::stop_token& stop) {
    const auto& file = download_->file;
    const auto have = offline_store::sizeOf(file.path);
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(partBytes, file.bytes - have));
    const auto part = upstream_.fetchAttachment(file.sha256, have, most, stop);
    if (!part && part.error().error == Reason::upstream_rejected) {
        giveUp({Reason::bulletin_incomplete, "the back office does not have its file"});
        return {};
    }
    if (!part)
        return tl::unexpected(part.error());
    if (part->empty() || part->size() > most)
        return tl::unexpected(
            UpstreamError{{Reason::reply_malformed, "another part than the one asked for"}, {}, true});
    if (const auto written = offline_store::writeFrom(file.path, have, *part); !written) {
        std::error_code ignored; // the room that it took is the journal's
        std::filesystem::remove(file.path, ignored);
        giveUp(written.error());
    }
    return {};
}

void BulletinFetcher::giveUp(const Error& error) {
    const auto download = std::move(*download_);
    download_.reset();
    reportRefused(download.kind, download.signedBulletin, error);
}

void BulletinFetcher::confirm(std::string_view kind) {
    if (const auto confirmed = store_.confirm(kind); !confirmed)
        spdlog::error("courier: {}", explain(confirmed.error()));
}

// Once for each bulletin, although it is fetched again and again until the publisher corrects it.
void BulletinFetcher::reportRefused(const std::string& kind, const Bytes& signedBulletin,
                                    const Error& error) {
    const Refusal refusal{crypto::sha256(signedBulletin), clock_.now().monotonic};
    const auto known = refused_.find(kind);
    if (known != refused_.end() && known->second.digest == refusal.digest) {
        known->second.at = refusal.at;
        return;
    }
    spdlog::warn("courier: the {} bulletin was not installed: {}", kind, explain(error));
    const nlohmann::json payload{{"kind", kind}, {"reason", nameOf(error.reason)}};
    const auto told = store_.append(
        {offline_store::RecordClass::security_event, "bulletin_refused", toBytes(payload.dump()), {}});
    if (!told) {
        spdlog::error("courier: {}", explain(told.error()));
        return;
    }
    refused_.insert_or_assign(kind, refusal);
}

} // namespace ykt::firmware::courier
