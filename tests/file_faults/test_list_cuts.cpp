// A revocation list is the old one or the new one, whole, whenever the power went while it was installed.
#include "cut_fixture.h"
#include "offline_store/durable_file.h"
#include "offline_store/revocation.h"

using namespace ykt;
using namespace ykt::offline_store;

namespace {

namespace fs = std::filesystem;

// Version 2 is a file of 400 and a delta; version 3 comes in one of three forms.
struct ListFixture : CutFixture {
    ListFixture() {
        auto store = open();
        REQUIRE(installFile(*store, 1, fileOf(holders(0, 400))));
        REQUIRE(store->install(revocation(2, delta(1, {holder(900)}, {holder(0)})), trusted));
    }

    // What the courier does, in parts.
    void installInParts(Store& store, const Bytes& bulletin, const Bytes& file) const {
        const auto attachment = store.attachmentOf(*openBulletin(bulletin, trusted));
        if (attachment && *attachment)
            for (auto have = sizeOf((*attachment)->path); have < file.size();
                 have = sizeOf((*attachment)->path))
                (void)writeFrom(
                    (*attachment)->path, have,
                    ByteView(file).subspan(have, std::min<std::size_t>(3'000, file.size() - have)));
        if (!store.install(bulletin, trusted)) // of another cut's remains: the second time it is whole
            installAgain(store, bulletin, file);
    }
    void installAgain(Store& store, const Bytes& bulletin, const Bytes& file) const {
        const auto attachment = store.attachmentOf(*openBulletin(bulletin, trusted));
        if (attachment && *attachment)
            (void)writeFrom((*attachment)->path, 0, file);
        (void)store.install(bulletin, trusted);
    }

    // True: power went while the child installed; false: it came to its end before.
    [[nodiscard]] bool cutInstalling(std::uint64_t call, std::uint64_t seed, bool swallow) const {
        return cutAt(call, seed, swallow, [&](Store& store) {
            install(store);
            if (*store.versionHeld("revocation") != 3)
                ::_exit(2);
        });
    }

    // Whether the copy holds version 2 or 3 and exactly its list.
    [[nodiscard]] bool isOldOrNew() const {
        const auto store = openCopy();
        if (!store)
            return false;
        const auto version = (*store)->versionHeld("revocation").value_or(0);
        if (version != 2 && version != 3)
            return false;
        for (int number = 0; number < 1'000; ++number) {
            const bool listed =
                version == 3 ? listedByNew(number) : (0 < number && number < 400) || number == 900;
            const auto found = (*store)->isRevoked(holder(number));
            if (!found || *found != listed)
                return false;
        }
        // What was lost can be had again.
        if (version == 2)
            install(**store);
        return (*store)->versionHeld("revocation") == 3 && *(*store)->isRevoked(holder(onlyNew));
    }

    std::function<void(Store&)> install;
    std::function<bool(int)> listedByNew;
    int onlyNew = 700; // a holder whom version 3 lists and version 2 does not
};

} // namespace

TEST_CASE_METHOD(ListFixture,
                 "a power cut at any write of an installation leaves the old list or the new one") {
    const auto file = fileOf(holders(300, 800));
    const std::string form = GENERATE("file", "entries", "delta");
    const auto bulletin = revocation(3, form == "file"      ? fileBody(file)
                                        : form == "entries" ? entries(holders(300, 800))
                                                            : delta(2, holders(650, 800), {holder(900)}));
    install = [&](Store& store) { installInParts(store, bulletin, file); };
    listedByNew = [&](int number) {
        return form == "delta" ? (0 < number && number < 400) || (650 <= number && number < 800)
                               : 300 <= number && number < 800;
    };
    int cuts = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
        for (std::uint64_t call = 1; cutInstalling(call, 1000 * seed + call, false); ++call, ++cuts) {
            CAPTURE(form, seed, call);
            REQUIRE(isOldOrNew());
        }
    REQUIRE(isOldOrNew()); // the run without a cut
    CHECK(cuts >= 40);
}

TEST_CASE_METHOD(ListFixture, "with flushes that do nothing the same cuts find a list that is neither") {
    const auto file = fileOf(holders(300, 800));
    const auto bulletin = revocation(3, fileBody(file));
    install = [&](Store& store) { installInParts(store, bulletin, file); };
    listedByNew = [](int number) { return 300 <= number && number < 800; };
    bool isLost = false;
    for (std::uint64_t seed = 1; seed <= 3 && !isLost; ++seed)
        for (std::uint64_t call = 1; !isLost && cutInstalling(call, 1000 * seed + call, true); ++call)
            isLost = !isOldOrNew();
    CHECK(isLost);
}

TEST_CASE_METHOD(ListFixture, "a power cut while deltas become a file changes no answer") {
    constexpr int many = static_cast<int>(RevocationOverlay::mostKeys);
    constexpr std::uint64_t lastCalls = 40; // the file's and its COMMIT's: those before are the delta's
    const auto bulletin = revocation(3, delta(2, holders(1'000, 1'000 + many), {holder(5)}));
    install = [&](Store& store) { (void)store.install(bulletin, trusted); };
    listedByNew = [](int number) { return (0 < number && number < 400 && number != 5) || number == 900; };
    onlyNew = 1'000;
    fs::copy(folder.path(), copy, fs::copy_options::recursive);
    const auto before = test::diskCalls();
    auto store = *openCopy();
    install(*store);
    const auto calls = test::diskCalls() - before;
    store.reset();
    REQUIRE(calls > lastCalls);
    for (auto call = calls - lastCalls; call <= calls; call += 3) {
        CAPTURE(call, calls);
        REQUIRE(cutInstalling(call, call, false));
        REQUIRE(isOldOrNew());
    }
}
