// The file with a terminal's keys: what it keeps, and what becomes of it when it is hurt.
#include "fixture.h"

#include "base/base64.h"
#include "crypto/p256.h"
#include "firmware/keys/key_list.h"

#include <csignal>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace ykt;
using namespace ykt::firmware::keys;
using Catch::Contains;
using Numbers = std::vector<std::uint32_t>;

namespace {

Numbers numbersOf(const KeyStore& store) {
    Numbers numbers;
    const auto content = store.content();
    REQUIRE(content);
    for (const auto& key : content->dataKeys)
        numbers.push_back(key.number);
    return numbers;
}

std::vector<crypto::TlsIdentity> identity(const std::string& certificate) {
    std::vector<crypto::TlsIdentity> one;
    one.push_back({certificate, crypto::P256PrivateKey::generate()->toPem()});
    return one;
}

} // namespace

TEST_CASE_METHOD(Fixture, "what was put in is there when it is opened again") {
    const auto kek = fileKek();
    std::string second;
    const auto shown = identity("certificate");
    {
        const auto store = made(kek);
        const auto added = store->addDataKey(start);
        REQUIRE(added);
        CHECK(added->first == 2);
        second = digestOf(added->second);
        REQUIRE(store->setIdentities(shown));
    }
    const auto store = KeyStore::open(file, kek);
    REQUIRE(store);
    CHECK(numbersOf(**store) == Numbers{1, 2});
    CHECK((*store)->dataKeys()->newest() == 2);
    const auto kept = (*store)->identities();
    REQUIRE(kept->size() == 1);
    CHECK(kept->front().certificatePem == "certificate");
    CHECK(digestOf(kept->front().privateKeyPem) == digestOf(shown.front().privateKeyPem));
    CHECK((*store)->addDataKey(start)->first == 3);
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE_METHOD(Fixture, "a file that is there is not made anew") {
    const auto kek = fileKek();
    made(kek);
    const auto before = contentOf(file);
    CHECK(KeyStore::make(file, fileKek(), start).error() == Reason::key_store_failed);
    CHECK(contentOf(file) == before);
}

TEST_CASE_METHOD(Fixture,
                 "keys that nothing needs are forgotten, the newest never, and no number comes twice") {
    const auto store = made(fileKek());
    for (int i = 0; i < 3; ++i)
        REQUIRE(store->addDataKey(start));
    CHECK(*store->forgetDataKeys({1, 3}) == Numbers{2});
    CHECK(*store->forgetDataKeys({}) == Numbers{1, 3});
    CHECK(numbersOf(*store) == Numbers{4});
    CHECK(store->addDataKey(start)->first == 5);
}

TEST_CASE_METHOD(Fixture, "without the right KEK nothing opens, and nothing is written") {
    made(fileKek());
    const auto before = contentOf(file);
    const auto lost = KeyStore::open(file, fileKek());
    REQUIRE_FALSE(lost);
    CHECK(lost.error() == Reason::key_store_failed);
    CHECK(KeyStore::rewrap(file, fileKek(), fileKek()).error() == Reason::key_store_failed);
    CHECK(contentOf(file) == before);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE_METHOD(Fixture, "all keys move under another KEK at once") {
    const auto first = fileKek();
    const auto second = passphraseKek("six words that nobody says");
    const auto store = made(first);
    REQUIRE(store->addDataKey(start));
    REQUIRE(store->setIdentities(identity("certificate")));
    const auto key = digestOf(store->identities()->front().privateKeyPem);
    REQUIRE(KeyStore::rewrap(file, first, second));
    CHECK(KeyStore::open(file, first).error() == Reason::key_store_failed);
    const auto moved = KeyStore::open(file, second);
    REQUIRE(moved);
    CHECK((*moved)->dataKeys()->newest() == 2);
    CHECK(digestOf((*moved)->identities()->front().privateKeyPem) == key);

    // A terminal that runs on with the earlier KEK must not mix the two.
    const auto stale = store->addDataKey(start);
    REQUIRE_FALSE(stale);
    CHECK_THAT(explain(stale.error()), Contains("restart the terminal"));
    CHECK(numbersOf(**moved) == Numbers{1, 2});
}

TEST_CASE_METHOD(Fixture, "a file that others may read is refused with the remedy") {
    const auto kek = fileKek();
    made(kek);
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    const auto opened = KeyStore::open(file, kek);
    REQUIRE_FALSE(opened);
    CHECK(opened.error() == Reason::key_store_failed);
    CHECK_THAT(explain(opened.error()), Contains("chmod 600"));
}

TEST_CASE_METHOD(Fixture, "a file that is cut off or changed anywhere does not open, and stays as it is") {
    const auto kek = fileKek();
    made(kek);
    const auto whole = contentOf(file);
    for (std::size_t size = 0; size + 2 < whole.size(); ++size) { // the last are white space
        write(file, whole.substr(0, size));
        REQUIRE(KeyStore::open(file, kek).error() == Reason::key_store_failed);
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto changed = whole;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        write(file, changed);
        const auto opened = KeyStore::open(file, kek);
        const bool told = !opened || !(*opened)->dataKeys() ||
                          contentOf(file).find("\"made\": \"2026-11-18T11:06:40.000Z\"") == std::string::npos;
        REQUIRE(told); // `made` is for people
        REQUIRE(contentOf(file) == changed);
    }
}

TEST_CASE_METHOD(Fixture, "data keys that do not rise, and another version, are refused") {
    const auto kek = fileKek();
    const auto store = made(kek);
    REQUIRE(store->addDataKey(start));
    auto content = *store->content();
    std::swap(content.dataKeys[0], content.dataKeys[1]);
    REQUIRE(writeKeyStore(file, content));
    CHECK(store->dataKeys().error() == Reason::key_store_failed);
    content.dataKeys.clear();
    REQUIRE(writeKeyStore(file, content));
    CHECK(store->addDataKey(start).error() == Reason::key_store_failed);
    auto text = contentOf(file);
    write(file, text.replace(text.find("\"version\": 1"), 12, "\"version\": 2"));
    CHECK(KeyStore::open(file, kek).error() == Reason::key_store_failed);
}

TEST_CASE_METHOD(Fixture, "a file that would be too long to be read is not written") {
    const auto kek = fileKek();
    const auto store = made(kek);
    Result<std::pair<std::uint32_t, Secret>> added;
    std::uint32_t last = 1;
    while ((added = store->addDataKey(start)))
        last = added->first;
    CHECK(added.error() == Reason::key_store_failed);
    CHECK_THAT(explain(added.error()), Contains("prune"));
    CHECK(last > 300);
    CHECK((*KeyStore::open(file, kek))->dataKeys()->newest() == last);
}

TEST_CASE_METHOD(Fixture, "nothing secret stands in the file or in what is told of it") {
    const auto kek = fileKek();
    const auto store = made(kek);
    const auto added = store->addDataKey(start);
    const auto shown = identity("certificate");
    REQUIRE(store->setIdentities(shown));
    const auto told = contentOf(file) + keyList(*store->content()).dump();
    for (const auto& bytes : {added->second.reveal(), std::get<KekFile>(kek).key.reveal()}) {
        CHECK_THAT(told, !Contains(toHex(bytes)));
        CHECK_THAT(told, !Contains(toBase64(bytes)));
        CHECK_THAT(told, !Contains(toText(bytes)));
    }
    CHECK_THAT(told, !Contains("PRIVATE KEY"));
}

TEST_CASE_METHOD(Fixture, "threads that add keys at once lose none") {
    const auto store = made(fileKek());
    {
        std::vector<std::jthread> adders;
        for (int i = 0; i < 4; ++i)
            adders.emplace_back([&] {
                for (int n = 0; n < 10; ++n)
                    (void)store->addDataKey(start);
            });
    }
    CHECK(numbersOf(*store).size() == 41);
}

TEST_CASE_METHOD(Fixture, "killed at any moment, the file is the old one or the new one") {
    const auto first = fileKek();
    const auto second = fileKek();
    made(first);
    const auto kills = 60;
    bool underFirst = true;
    std::uint32_t acknowledged = 1;
    for (int kill = 0; kill < kills; ++kill) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) { // adds keys and changes the KEK, until it is killed
            for (bool here = underFirst;; here = !here) {
                const auto store = KeyStore::open(file, here ? first : second);
                const auto added = store ? (*store)->addDataKey(start) : failWith(store);
                if (!added || ::write(ends[1], &added->first, sizeof added->first) < 0)
                    ::_exit(1);
                if (added->first % 8 == 0 && !(*store)->forgetDataKeys({}))
                    ::_exit(1);
                if (!KeyStore::rewrap(file, here ? first : second, here ? second : first))
                    ::_exit(1);
            }
        }
        ::close(ends[1]);
        std::this_thread::sleep_for(std::chrono::milliseconds(1 + kill % 23));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFSIGNALED(status)); // it did not give up by itself
        for (std::uint32_t number = 0; ::read(ends[0], &number, sizeof number) == sizeof number;)
            acknowledged = number;
        ::close(ends[0]);
        auto opened = KeyStore::open(file, first);
        underFirst = opened.has_value();
        if (!opened)
            opened = KeyStore::open(file, second);
        REQUIRE(opened);
        const auto ring = (*opened)->dataKeys();
        REQUIRE(ring);
        REQUIRE(ring->newest() >= acknowledged);
    }
    CHECK(acknowledged > 5);
}
