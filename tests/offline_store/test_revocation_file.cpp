// The filter and the file of a revocation list by themselves.
#include "offline_store/revocation_file.h"
#include "publisher.h"

#include <random>

using namespace ykt;
using namespace ykt::offline_store;

namespace {

std::vector<RevocationKey> randomKeys(std::size_t count, unsigned seed) {
    std::mt19937_64 random(seed);
    std::vector<RevocationKey> keys(count);
    for (auto& key : keys)
        for (auto& byte : key)
            byte = static_cast<std::uint8_t>(random());
    std::sort(keys.begin(), keys.end());
    return keys;
}

struct FileFixture {
    test::TemporaryFolder folder;
    std::filesystem::path path = folder.path() / "list";

    crypto::Digest write(const std::vector<RevocationKey>& keys) const {
        const auto digest = crypto::sha256(bytesOf(keys));
        REQUIRE(writeFrom(path, 0, bytesOf(keys)));
        REQUIRE(completeRevocationFile(path, keys, digest));
        return digest;
    }
};

} // namespace

TEST_CASE("the filter forgets no key, of lists of any size") {
    for (const std::size_t count : {1, 2, 3, 4, 7, 20, 100, 257, 5'000, 100'000}) {
        const auto keys = randomKeys(count, 7);
        const auto filter = buildFuseFilter(keys);
        REQUIRE(filter);
        REQUIRE(filter->fingerprints.size() == filter->shape.size());
        REQUIRE(std::all_of(keys.begin(), keys.end(), [&](const RevocationKey& key) {
            return mayContain(filter->shape, filter->fingerprints, key);
        }));
    }
}

TEST_CASE("keys that differ in little make a filter as well") {
    std::vector<RevocationKey> keys(3 * 20'000);
    for (std::size_t i = 0; i < keys.size(); ++i) { // at the front, at the end, and in both halves alike
        const auto number = static_cast<std::uint16_t>(i / 3);
        const auto high = static_cast<std::uint8_t>(number >> 8U);
        const auto low = static_cast<std::uint8_t>(number);
        keys[i][0] = i % 3 == 0 ? high : 0;
        keys[i][1] = i % 3 == 0 ? low : 0;
        keys[i][6] = keys[i][14] = i % 3 == 1 ? high : 0;
        keys[i][7] = keys[i][15] = i % 3 == 1 ? low : 0;
        keys[i][12] = i % 3 == 2 ? high : 0;
        keys[i][13] = i % 3 == 2 ? low : 0;
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    CHECK(buildFuseFilter(keys));
}

TEST_CASE("the filter says no with at most 20 bits a key, and wrongly perhaps once in 65,536") {
    const auto keys = randomKeys(100'000, 1);
    const auto filter = *buildFuseFilter(keys);
    CHECK(filter.fingerprints.size() * 16 <= keys.size() * 20);
    const auto others = randomKeys(500'000, 2);
    const auto passed = std::count_if(others.begin(), others.end(), [&](const RevocationKey& key) {
        return mayContain(filter.shape, filter.fingerprints, key);
    });
    CHECK(passed < 30); // 7.6 are expected
}

TEST_CASE("keys are counted as a search by halves counts them, however they are spread") {
    const auto sameFront = GENERATE(0U, 1U, 4U, 15U); // bytes; 0: as digests are
    for (const std::size_t count : {0, 1, 2, 31, 33, 200, 5'000}) {
        auto keys = randomKeys(count, 8);
        auto asked = randomKeys(300, 9);
        for (auto* some : {&keys, &asked})
            for (auto& key : *some)
                std::fill_n(key.begin(), sameFront, std::uint8_t{0xc0});
        std::sort(keys.begin(), keys.end());
        keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
        asked.insert(asked.end(), keys.begin(), keys.end());
        asked.emplace_back();            // before all
        asked.emplace_back().fill(0xff); // behind all
        for (const auto& key : asked) {
            const auto end = std::upper_bound(keys.begin(), keys.end(), key);
            REQUIRE(countUpTo(keys, key) == static_cast<std::size_t>(end - keys.begin()));
            REQUIRE(isAmong(keys, key) == std::binary_search(keys.begin(), keys.end(), key));
        }
    }
}

TEST_CASE_METHOD(FileFixture, "a file says of each key exactly whether it is listed") {
    for (const std::size_t count : {1, 63, 64, 65, 3'000}) {
        const auto keys = randomKeys(count, 3);
        const auto digest = write(keys);
        const auto file = RevocationFile::open(path, digest);
        REQUIRE(file);
        CHECK(*(*file)->keys() == keys);
        for (const auto& key : keys) {
            REQUIRE(*(*file)->contains(key));
            auto near = key;
            near[15] ^= 1U;
            REQUIRE(*(*file)->contains(near) == std::binary_search(keys.begin(), keys.end(), near));
        }
        CHECK_FALSE(*(*file)->contains(RevocationKey{}));
    }
}

// What the filter lets pass wrongly must not refuse a holder: 200,000 keys that nobody listed, some of which
// the filter of a list of 100,000 lets pass.
TEST_CASE_METHOD(FileFixture, "what the filter lets pass is looked for among the keys") {
    const auto keys = randomKeys(100'000, 1);
    const auto file = RevocationFile::open(path, write(keys));
    REQUIRE(file);
    const auto others = randomKeys(500'000, 2); // of these the test above finds some that pass
    CHECK(std::none_of(others.begin(), others.end(),
                       [&](const RevocationKey& key) { return *(*file)->contains(key); }));
}

TEST_CASE_METHOD(FileFixture, "a file that was changed anywhere, is short or another is none") {
    const auto keys = randomKeys(300, 4);
    const auto digest = write(keys);
    const auto good = readFile(path);
    for (std::size_t at = 0; at < good.size(); at += at < good.size() - 200 ? 41 : 1) {
        auto bad = good;
        bad[at] ^= 0x10U;
        writeFile(path, bad);
        REQUIRE(RevocationFile::open(path, digest).error() == Reason::store_corrupt);
    }
    for (std::size_t size = 0; size < good.size(); size += 97) {
        writeFile(path, ByteView(good).first(size));
        REQUIRE(RevocationFile::open(path, digest).error() == Reason::store_corrupt);
    }
    writeFile(path, concat({good, Bytes{0}}));
    CHECK(RevocationFile::open(path, digest).error() == Reason::store_corrupt);
    writeFile(path, good);
    CHECK(RevocationFile::open(path, crypto::sha256(Bytes{1})).error() == Reason::store_corrupt);
    std::filesystem::remove(path);
    CHECK(RevocationFile::open(path, digest).error() == Reason::store_corrupt);
}

TEST_CASE("a footer with sizes out of bounds is refused before it is believed") {
    RevocationFooter footer{1, {1, 4, 1}, {}, {}};
    const auto fileSize = 16 + 12 * 2 + RevocationFooter::size;
    REQUIRE(RevocationFooter::parse(footer.bytes(), fileSize));
    CHECK_FALSE(RevocationFooter::parse(footer.bytes(), fileSize + 1));
    const auto refused = [&](auto change) {
        auto bad = footer;
        change(bad);
        return !RevocationFooter::parse(bad.bytes(), fileSize);
    };
    CHECK(refused([](auto& f) { f.keys = 0; }));
    CHECK(refused([](auto& f) { f.keys = 1ULL << 60U; }));
    CHECK(refused([](auto& f) { f.keys = ~0ULL; }));
    CHECK(refused([](auto& f) { f.filter.segmentLength = 0; }));
    CHECK(refused([](auto& f) { f.filter.segmentLength = 3; }));
    CHECK(refused([](auto& f) { f.filter.segmentLength = 1U << 31U; }));
    CHECK(refused([](auto& f) { f.filter.segments = 0; }));
    CHECK(refused([](auto& f) { f.filter.segments = ~0U; }));
}
