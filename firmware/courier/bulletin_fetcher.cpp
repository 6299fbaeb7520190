#include "firmware/courier/bulletin_fetcher.h"

#include "crypto/digest.h"
#include "firmware/courier/link_watch.h"
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
      settings_(std::move(settings)) {
    for (const auto& kind : settings_.kinds)
        kinds_.push_back({kind, newTurn()});
}

Turn BulletinFetcher::newTurn() const {
    return {settings_.interval,
            {settings_.interval, settings_.longestWait, settings_.longestRetryAfter},
            clock_.now().monotonic};
}

// While its file is under way, a newer bulletin has to wait.
bool BulletinFetcher::isDue(const Kind& kind) const {
    return kind.turn.due() <= clock_.now().monotonic && !(download_ && download_->kind == kind.name);
}

MonotonicTime BulletinFetcher::due() const {
    auto due = download_ ? download_->turn.due() : MonotonicTime::max();
    for (const auto& kind : kinds_)
        if (!download_ || download_->kind != kind.name)
            due = std::min(due, kind.turn.due());
    return due;
}

BulletinFetcher::Done BulletinFetcher::fetch(const std::stop_token& stop, const OnBulletin& onBulletin) {
    // An order to lock waits for no list, and no list for those that hang.
    std::ranges::stable_sort(
        kinds_, {}, [](const Kind& kind) { return std::pair(kind.name != "directives", kind.turn.due()); });
    for (auto& kind : kinds_) {
        if (!isDue(kind))
            continue;
        const auto asked = ask(kind.name, stop, onBulletin);
        if (asked) {
            kind.turn.succeeded(clock_.now().monotonic + settings_.interval);
            continue;
        }
        const auto& failed = asked.error();
        if (endsRound(failed))
            return asked;
        if (kind.turn.failed(clock_.now().monotonic, failed))
            spdlog::warn("courier: no {} bulletin: {}", kind.name, explain(failed.error));
        if (failed.error == Reason::upstream_timeout)
            return {}; // so long was it waited for that the records have their turn before the other kinds
    }
    return {};
}

BulletinFetcher::Done BulletinFetcher::ask(const std::string& kind, const std::stop_token& stop,
                                           const OnBulletin& onBulletin) {
    const auto have = store_.versionHeld(kind);
    if (!have)
        return ownFailure(have.error());
    return ask(kind, *have, stop, onBulletin);
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
        download_.emplace(Download{kind, signedBulletin, std::move(**file), newTurn()});
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
    // A small part takes as long as a large one should.
    const int most = partSize_.next() < partBytes ? 1 : partsInARow;
    for (int part = 0; download_ && part < most; ++part) {
        if (clock_.now().monotonic < download_->turn.due())
            return {};
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
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(partSize_.next(), file.bytes - have));
    const auto part = upstream_.fetchAttachment(file.sha256, have, most, stop);
    if (!part)
        return partFailed(most, part.error());
    if (part->empty() || part->size() > most)
        return partFailed(most, {{Reason::reply_malformed, "another part than the one asked for"}, {}, true});
    partSize_.went(part->size());
    download_->turn.succeeded(clock_.now().monotonic);
    download_->failures = 0;
    if (const auto written = offline_store::writeFrom(file.path, have, *part); !written) {
        std::error_code ignored; // the room that it took is the journal's
        std::filesystem::remove(file.path, ignored);
        giveUp(written.error());
    }
    return {};
}

BulletinFetcher::Done BulletinFetcher::partFailed(std::size_t bytes, const UpstreamError& failed) {
    if (endsRound(failed))
        return tl::unexpected(failed);
    if (failed.isMissing) {
        giveUp({Reason::bulletin_incomplete, "the back office does not have its file"});
        return {};
    }
    if (failed.error == Reason::upstream_timeout)
        partSize_.tooMuch(bytes);
    if (download_->turn.failed(clock_.now().monotonic, failed))
        spdlog::warn("courier: no part of the {} bulletin's file: {}", download_->kind,
                     explain(failed.error));
    if (++download_->failures < mostFailures)
        return {};
    if (failed.error == Reason::upstream_rejected)
        giveUp({Reason::bulletin_incomplete, explain(failed.error)}); // so it will be the next time
    else
        download_.reset();
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
