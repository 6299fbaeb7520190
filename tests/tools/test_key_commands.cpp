// yktctl keys: on a terminal that works, and on a key file.
#include "base/hex.h"
#include "crypto/random.h"
#include "firmware/panel/http_service.h"
#include "firmware/panel/key_requests.h"
#include "hal/clock.h"
#include "tests/tools/program.h"

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace ykt;
using namespace ykt::firmware;
using Catch::Contains;
using ykt::tests::Scratch;
using ykt::tests::yktctl;

namespace {

const WallTime start = wallFromUnixSeconds(1'795'000'000);

struct Keys {
    // A KEK file that yktctl can be told of.
    std::string kek(const std::string& name) const {
        const auto path = scratch.write(name, toHex(*crypto::randomBytes(32)) + "\n");
        ::chmod(path.c_str(), 0600);
        return "file:" + path.string();
    }

    Scratch scratch;
    std::string first = kek("first.key");
    std::filesystem::path file = scratch.file("terminal.keys");
    std::unique_ptr<keys::KeyStore> store =
        keys::KeyStore::make(file, *keys::readKekSource(first, "/"), start).value();
};

// What the panel of a terminal answers about keys, without the rest of it.
struct Terminal : Keys {
    std::optional<panel::HttpAnswer> answer(const panel::HttpRequest& request) {
        const auto body = request.path == "/v1/keys"          ? panel::keysJson(*store)
                          : request.path == "/v1/keys/rotate" ? panel::rotateKeys(*store, *database, start)
                                                              : panel::pruneKeys(*store, *database);
        return panel::HttpAnswer{body ? 200U : 500U, body.value_or("{}")};
    }

    hal::ManualClock clock{start};
    std::unique_ptr<offline_store::Store> database =
        offline_store::Store::open({scratch.file("store.db"), "NX-BUS-0001", {}}, *store->dataKeys(), clock)
            .value();
    std::string socket = scratch.file("panel.sock").string();
    std::unique_ptr<panel::HttpService> service =
        panel::HttpService::start(socket, [this](const auto& request, bool) {
            return answer(request);
        }).value();
};

} // namespace

TEST_CASE_METHOD(Terminal, "keys rotate, are listed and pruned on a terminal that works") {
    REQUIRE(database->append({offline_store::RecordClass::money, "ride", toBytes("{}"), {}}));
    const auto rotated = yktctl({"keys", "rotate", "--panel", socket});
    CHECK(rotated.status == 0);
    CHECK(rotated.out == "from now on records are sealed with data key 2\n");
    CHECK(yktctl({"keys", "rotate", "--panel", socket, "--json"}).object()["newest"] == 3);
    CHECK(yktctl({"keys", "list", "--panel", socket, "--json"}).object()["data_keys"].size() == 3);
    CHECK(yktctl({"keys", "prune", "--panel", socket}).out == "forgotten data keys: [2]\n");
    CHECK(database->read(1));
    CHECK(yktctl({"keys", "rotate", "--panel", scratch.file("none").string()}).status == 3);
}

TEST_CASE_METHOD(Keys, "a key file is listed and put under another KEK") {
    const auto listed = yktctl({"keys", "list", "--file", file.string()});
    CHECK(listed.status == 0);
    CHECK_THAT(listed.out, Contains("key encryption: file") && Contains("data key 1"));
    const auto second = kek("second.key");
    const auto wrong = yktctl({"keys", "rewrap", file.string(), "--from", second, "--to", first});
    CHECK(wrong.status == 1);
    CHECK_THAT(wrong.err, Contains("key_store_failed") && Contains("Remedy"));
    const auto moved = yktctl({"keys", "rewrap", file.string(), "--from", first, "--to", second});
    CHECK(moved.status == 0);
    CHECK_THAT(moved.out, Contains("restart the terminal"));
    CHECK(keys::KeyStore::open(file, *keys::readKekSource(second, "/")));
    CHECK_FALSE(keys::KeyStore::open(file, *keys::readKekSource(first, "/")));
}

TEST_CASE_METHOD(Keys, "what is said of keys holds no key, and a KEK that "
                       "others may read is refused") {
    const auto second = kek("second.key");
    const auto path = scratch.file("first.key");
    ::chmod(path.c_str(), 0644);
    const auto refused = yktctl({"keys", "rewrap", file.string(), "--from", first, "--to", second});
    CHECK(refused.status == 1);
    CHECK_THAT(refused.err, Contains("chmod 600"));
    const auto listed = yktctl({"keys", "list", "--file", file.string(), "--json"});
    CHECK_THAT(listed.out + listed.err + refused.out + refused.err,
               !Contains("wrapped") && !Contains("PRIVATE"));
}
