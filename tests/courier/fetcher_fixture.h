// A store, what fetches its bulletins, and a back office on a shelf: one bulletin and the file that it names.
#pragma once

#include "fixture.h"
#include "offline_store/durable_file.h"

namespace ykt::firmware::courier {

using Part = tl::expected<Bytes, UpstreamError>;

inline tl::unexpected<UpstreamError> broken(Reason reason) {
    return tl::unexpected(UpstreamError{{reason, {}}, {}, true});
}

inline tl::unexpected<UpstreamError> outOfReach() {
    return tl::unexpected(UpstreamError{{Reason::unreachable, {}}, {}, false});
}

// Hands out one bulletin and its file, until told otherwise.
struct Shelf : Upstream {
    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>&, std::stop_token) override {
        return broken(Reason::unreachable);
    }
    tl::expected<std::optional<Bytes>, UpstreamError> fetchBulletin(std::string_view, std::uint64_t above,
                                                                    std::stop_token) override {
        asked.push_back(above);
        if (deltaBase && above == *deltaBase)
            return delta;
        return above < version ? std::optional(bulletin) : std::nullopt;
    }
    Part fetchAttachment(const crypto::Digest&, std::uint64_t from, std::size_t most,
                         std::stop_token) override {
        parts.push_back(from);
        return part ? part(from, most) : real(from, most);
    }
    tl::expected<void, UpstreamError> reportStatus(const std::string&, std::stop_token) override {
        return {};
    }
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return std::nullopt; }

    [[nodiscard]] Part real(std::uint64_t from, std::size_t most) const {
        const auto end = std::min<std::size_t>(file.size(), from + most);
        return Bytes(file.begin() + static_cast<std::ptrdiff_t>(from),
                     file.begin() + static_cast<std::ptrdiff_t>(end));
    }

    std::uint64_t version = 1;
    Bytes bulletin;
    Bytes file;
    std::optional<std::uint64_t> deltaBase;
    Bytes delta;
    std::function<Part(std::uint64_t, std::size_t)> part; // none: the truth
    std::vector<std::uint64_t> asked;                     // above which version
    std::vector<std::uint64_t> parts;                     // from where
};

// Sorted keys 0, 1, 2, ... of 16 bytes.
inline Bytes numbered(std::uint32_t count) {
    Bytes keys;
    for (std::uint32_t i = 0; i < count; ++i) {
        appendBigEndian(keys, i, 4);
        keys.resize(keys.size() + 12);
    }
    return keys;
}

inline offline_store::RevocationKey numberedKey(std::uint32_t number) {
    offline_store::RevocationKey key{};
    for (int i = 0; i < 4; ++i)
        key[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return key;
}

inline std::string fileBody(const Bytes& file) {
    return nlohmann::json{
        {"file",
         {{"sha256", toHex(crypto::sha256(file))}, {"bytes", file.size()}, {"count", file.size() / 16}}}}
        .dump();
}

struct FetcherFixture {
    FetcherFixture() {
        shelf.file = numbered(100'000); // 1.6 MB: six parts and a rest
        shelf.bulletin = bulletin(1, fileBody(shelf.file));
        reopen();
    }
    void reopen() {
        fetcher.reset();
        store.reset();
        store = std::move(
            *offline_store::Store::open({folder.path() / "store.db", terminalName, {}}, key.clone(), clock));
        fetcher.emplace(*store, shelf, clock, publisher.publicKey(), BulletinSettings{{"revocation"}});
    }
    // Until whatever failed is due again.
    void wait() { clock.advance(BulletinSettings{}.longestWait); }
    [[nodiscard]] Bytes bulletin(std::uint64_t version, const std::string& body) const {
        return *publisher.publish("revocation", version, clock.now().wall - std::chrono::hours{1},
                                  clock.now().wall + std::chrono::hours{9}, body);
    }
    auto fetch() {
        return fetcher->fetch({}, [&](std::string_view) { ++installed; });
    }
    auto proceed() {
        return fetcher->proceed({}, [&](std::string_view) { ++installed; });
    }
    void fetchAll() {
        clock.advance(BulletinSettings{}.interval);
        REQUIRE(fetch());
        for (int round = 0; fetcher->isUnderWay() && round < 100; ++round)
            REQUIRE(proceed());
    }
    // The reasons of what was reported as refused.
    [[nodiscard]] std::vector<std::string> refusals() const {
        std::vector<std::string> reasons;
        const auto rows = *store->list(1, 99);
        for (const auto& row : rows)
            reasons.push_back(
                nlohmann::json::parse(toText(store->read(row.id.sequence)->payload)).at("reason"));
        return reasons;
    }
    [[nodiscard]] std::uint64_t partSize() const {
        std::uint64_t size = 0;
        for (const auto& file : std::filesystem::directory_iterator(folder.path()))
            if (file.path().extension() == ".part")
                size += file.file_size();
        return size;
    }

    test::TemporaryFolder folder;
    hal::ManualClock clock{wallFromUnixSeconds(1'795'000'000)};
    Secret key = *crypto::randomSecret(32);
    sim::BulletinPublisher publisher = *sim::BulletinPublisher::create();
    Shelf shelf;
    std::unique_ptr<offline_store::Store> store;
    std::optional<BulletinFetcher> fetcher;
    int installed = 0;
};

} // namespace ykt::firmware::courier
