// What the back office gives away: signed bulletins, the deltas between them, and the files that they name.
#pragma once

#include "collector/http_server.h"
#include "crypto/digest.h"

#include <map>

namespace ykt::sim {

// Thread-safe.
class BulletinShelf {
  public:
    // What stands under (kind, version) is replaced. Nothing is looked into.
    void offer(const std::string& kind, std::uint64_t version, Bytes signedBulletin);
    // Given in the place of `version` to a terminal that has `base`.
    void offerDelta(const std::string& kind, std::uint64_t base, std::uint64_t version, Bytes signedBulletin);
    void offerFile(Bytes file);

    // `path` is what follows /v1/bulletins/ or /v1/attachments/.
    [[nodiscard]] collector::HttpAnswer bulletin(std::string_view path,
                                                 const collector::HttpRequest& request) const;
    [[nodiscard]] collector::HttpAnswer file(std::string_view path,
                                             const collector::HttpRequest& request) const;

  private:
    struct Offer {
        Bytes whole;
        std::map<std::uint64_t, Bytes> deltas; // by base
    };
    mutable std::mutex mutex_;                                                  // over all
    std::map<std::string, std::map<std::uint64_t, Offer>, std::less<>> offers_; // by kind and version
    std::map<std::string, Bytes, std::less<>> files_;                           // by SHA-256 in hex
};

} // namespace ykt::sim
