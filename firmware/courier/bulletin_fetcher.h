// Fetches bulletins and installs them. Of the courier's thread alone.
#pragma once

#include "crypto/sm2.h"
#include "firmware/courier/upstream.h"
#include "offline_store/store.h"

#include <functional>
#include <map>

namespace ykt::firmware::courier {

struct BulletinSettings {
    std::vector<std::string> kinds;
    // What a bulletin's body must pass before it is installed; none: anything that is signed.
    std::function<Result<void>(const offline_store::Bulletin&)> admits;
};

class BulletinFetcher {
  public:
    using OnBulletin = std::function<void(std::string_view)>;

    BulletinFetcher(offline_store::Store& store, Upstream& upstream, crypto::Sm2PublicKey publisher,
                    BulletinSettings settings);

    // Asks for each kind once; what may not be installed is reported upstream and is no error. `onBulletin`
    // is called after each installation. Errors: as Upstream::fetchBulletin but upstream_rejected, which is
    // about one kind alone; and the store's.
    tl::expected<void, UpstreamError> fetch(const std::stop_token& stop, const OnBulletin& onBulletin);

  private:
    tl::expected<void, UpstreamError> ask(const std::string& kind, const std::stop_token& stop,
                                          const OnBulletin& onBulletin);
    void install(std::string_view kind, const Bytes& signedBulletin, const OnBulletin& onBulletin);
    void confirm(std::string_view kind);
    void reportRefused(std::string_view kind, const Bytes& signedBulletin, const Error& error);

    offline_store::Store& store_;
    Upstream& upstream_;
    const crypto::Sm2PublicKey publisher_;
    const BulletinSettings settings_;
    std::map<std::string, crypto::Digest, std::less<>> refused_; // the last refused bulletin of each kind
};

} // namespace ykt::firmware::courier
