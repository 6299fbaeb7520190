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

    // What the courier does, in parts. Errors: the store's.
    [[nodiscard]] Result<void> fetchAndInstall(Store& store, const Bytes& bulletin, const Bytes& file) const {
        const auto attachment = store.attachmentOf(*openBulletin(bulletin, trusted));
        if (!attachment)
            return failWith(attachment);
        if (*attachment)
            for (auto have = sizeOf((*attachment)->path); have < file.size();
                 have = sizeOf((*attachment)->path))
                if (auto written = writeFrom(
                        (*attachment)->path, have,
                        ByteView(file).subspan(have, std::min<std::size_t>(3'000, file.size() - have)));
                    !written)
                    return written;
        return store.install(bulletin, trusted);
    }
    void installInParts(Store& store, const Bytes& bulletin, const Bytes& file) const {
        if (!fetchAndInstall(store, bulletin, file)) // of another cut's remains: the second time it is whole
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

    // The version that the store holds; nullopt: neither 2 nor 3, or not exactly its list.
    [[nodiscard]] std::optional<std::uint64_t> versionOf(Store& store) const {
        const auto version = store.versionHeld("revocation").value_or(0);
        if (version != 2 && version != 3)
            return std::nullopt;
        for (int number = 0; number < 1'000; ++number) {
            const bool listed =
                version == 3 ? listedByNew(number) : (0 < number && number < 400) || number == 900;
            const auto found = store.isRevoked(holder(number));
            if (!found || *found != listed)
                return std::nullopt;
        }
        return version;
    }
    // Whether the copy holds either, and what was lost can be had again.
    [[nodiscard]] bool isOldOrNew() const {
        const auto store = openCopy();
        const auto version = store ? versionOf(**store) : std::nullopt;
        if (version == 2)
            install(**store);
        return version && (*store)->versionHeld("revocation") == 3 && *(*store)->isRevoked(holder(onlyNew));
    }

    // Version 3 in one of its forms.
    [[nodiscard]] Bytes newList(const std::string& form, const Bytes& file) const {
        return revocation(3, form == "file"      ? fileBody(file)
                             : form == "entries" ? entries(holders(300, 800))
                                                 : delta(2, holders(650, 800), {holder(900)}));
    }
    [[nodiscard]] static std::function<bool(int)> listOf(const std::string& form) {
        if (form == "delta")
            return [](int number) { return (0 < number && number < 400) || (650 <= number && number < 800); };
        return [](int number) { return 300 <= number && number < 800; };
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
    const auto bulletin = newList(form, file);
    install = [&](Store& store) { installInParts(store, bulletin, file); };
    listedByNew = listOf(form);
    int cuts = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
        for (std::uint64_t call = 1; cutInstalling(call, 1000 * seed + call, false); ++call, ++cuts) {
            CAPTURE(form, seed, call);
            REQUIRE(isOldOrNew());
        }
    REQUIRE(isOldOrNew()); // the run without a cut
    CHECK(cuts >= 40);
}

TEST_CASE_METHOD(ListFixture, "whichever change of the disk fails, the old list is in force or the new one") {
    const auto file = fileOf(holders(300, 800));
    const auto [form, code] =
        GENERATE(table<std::string, int>({{"file", ENOSPC}, {"entries", EIO}, {"delta", ENOSPC}}));
    const auto bulletin = newList(form, file);
    listedByNew = listOf(form);
    std::optional<std::uint64_t> inForce; // in the store that met the fault
    const auto errors = failEach(
        code,
        [&](Store& store) {
            auto done = store.versionHeld("revocation") == 3 ? Result<void>()
                                                             : fetchAndInstall(store, bulletin, file);
            inForce = versionOf(store).value_or(0);
            return done;
        },
        [&](bool isDone) {
            const auto version = versionOf(*openCopy().value());
            const bool isBoth = version && inForce.value_or(*version) == *version;
            inForce.reset();
            return isDone ? isBoth && version == 3 : isBoth;
        });
    CHECK(errors > 5);
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
