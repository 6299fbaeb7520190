// The three places that a key-encryption key may come from.
#include "fixture.h"
#include "swtpm.h"

#include <sys/stat.h>

using namespace ykt;
using namespace ykt::firmware::keys;
using Catch::Contains;

namespace {

// What is wrong is told where it is needed.
KeyEncryption needed(Result<KeyEncryption> kek) {
    INFO((kek ? std::string("works") : explain(kek.error())));
    REQUIRE(kek);
    return std::move(*kek);
}

void checkRoundTrip(const KekSource& source) {
    const auto made = KeyEncryption::make(source);
    needed(KeyEncryption::make(source));
    REQUIRE(made);
    const auto wrapped = made->wrap(Secret::copyOf(asBytes("a data key")), "data key 1");
    REQUIRE(wrapped);
    const auto opened = KeyEncryption::open(source, made->description());
    REQUIRE(opened);
    CHECK(toText(opened->unwrap(*wrapped, "data key 1")->reveal()) == "a data key");
    CHECK(opened->unwrap(*wrapped, "data key 2").error() == Reason::key_store_failed);
    CHECK(opened->unwrap("", "data key 1").error() == Reason::key_store_failed);
    CHECK(opened->unwrap("AAAA", "data key 1").error() == Reason::key_store_failed);
    CHECK(KeyEncryption::make(source)->description() != made->description());
}

} // namespace

TEST_CASE("keys are wrapped with a file's key") {
    const auto source = fileKek();
    checkRoundTrip(source);
    const auto made = KeyEncryption::make(source);
    CHECK(KeyEncryption::open(fileKek(), made->description()).error() == Reason::key_store_failed);
}

TEST_CASE("keys are wrapped with a passphrase's key") {
    const auto source = passphraseKek("six words that nobody says");
    checkRoundTrip(source);
    const auto made = KeyEncryption::make(source);
    const auto wrong = KeyEncryption::open(passphraseKek("six words that nobody said"), made->description());
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error() == Reason::key_store_failed);
    CHECK_THAT(explain(wrong.error()), Contains("another passphrase") && !Contains("nobody"));
}

TEST_CASE("keys are wrapped with a key that a TPM sealed, and only that TPM gives back") {
    test::Swtpm tpm;
    const KekSource source = KekTpm{tpm.tcti()};
    checkRoundTrip(source);
    const auto made = KeyEncryption::make(source);
    REQUIRE(made);
    tpm.restart();
    needed(KeyEncryption::open(source, made->description()));
    for (int i = 0; i < 20; ++i) // leaves nothing behind in a TPM, which has room for three objects
        needed(KeyEncryption::open(source, made->description()));

    const test::Swtpm another;
    CHECK(KeyEncryption::open(KekTpm{another.tcti()}, made->description()).error() ==
          Reason::key_store_failed);
    tpm.stop();
    const auto away = KeyEncryption::open(source, made->description());
    REQUIRE_FALSE(away);
    CHECK(away.error() == Reason::key_store_failed);
    CHECK_THAT(explain(away.error()), Contains("TPM"));
}

TEST_CASE("what a TPM sealed is refused when it is damaged") {
    const test::Swtpm tpm;
    const KekSource source = KekTpm{tpm.tcti()};
    const auto made = KeyEncryption::make(source);
    REQUIRE(made);
    for (const auto* part : {"public", "private"}) {
        auto damaged = made->description();
        damaged[part] = "AAEC";
        CHECK(KeyEncryption::open(source, damaged).error() == Reason::key_store_failed);
        damaged[part] = "no base64";
        CHECK(KeyEncryption::open(source, damaged).error() == Reason::key_store_failed);
        damaged.erase(part);
        CHECK(KeyEncryption::open(source, damaged).error() == Reason::key_store_failed);
    }
}

TEST_CASE("a source of another kind than the keys are under is told") {
    const auto made = KeyEncryption::make(fileKek());
    const auto opened = KeyEncryption::open(passphraseKek("six words that nobody says"), made->description());
    REQUIRE_FALSE(opened);
    CHECK_THAT(explain(opened.error()), Contains("under a KEK of kind file, not passphrase"));
}

TEST_CASE("a description with a cost without bounds is refused") {
    const auto source = passphraseKek("six words that nobody says");
    auto description = KeyEncryption::make(source)->description();
    description["scrypt"]["n"] = 1U << 30;
    CHECK(KeyEncryption::open(source, description).error() == Reason::key_store_failed);
    description["scrypt"]["n"] = "many";
    CHECK(KeyEncryption::open(source, description).error() == Reason::key_store_failed);
}

TEST_CASE_METHOD(Fixture, "a source is read from what a profile names") {
    write(folder.path() / "kek.key", std::string(64, 'a') + "\n");
    write(folder.path() / "words", "six words that nobody says\n");
    const auto key = readKekSource("file:kek.key", folder.path());
    REQUIRE(key);
    CHECK(std::get<KekFile>(*key).key.size() == 32);
    CHECK(std::get<KekTpm>(*readKekSource("tpm:device:/dev/tpmrm0", folder.path())).tcti ==
          "device:/dev/tpmrm0");
    const auto words = readKekSource("passphrase:words", folder.path());
    REQUIRE(words);
    CHECK(toText(std::get<KekPassphrase>(*words).words.reveal()) == "six words that nobody says");
    for (const auto* nonsense : {"", "file", "file:", "none", "none:", "hsm:x", ":kek.key"})
        CHECK(readKekSource(nonsense, folder.path()).error() == Reason::config_value);
}

TEST_CASE_METHOD(Fixture, "a passphrase comes from systemd too") {
    write(folder.path() / "ykt-kek", "six words that nobody says");
    ::unsetenv("CREDENTIALS_DIRECTORY");
    CHECK(readKekSource("credential:ykt-kek", "/").error() == Reason::config_value);
    ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
    CHECK(readKekSource("credential:ykt-kek", "/"));
    CHECK(readKekSource("credential:another", "/").error() == Reason::config_unreadable);
    CHECK(readKekSource("credential:../x", "/").error() == Reason::config_value);
    ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE_METHOD(Fixture, "a file that others may read, or that is another's, is refused with the remedy") {
    const auto path = folder.path() / "kek.key";
    for (const auto* kind : {"file:kek.key", "passphrase:kek.key"}) {
        write(path, std::string(64, 'a'));
        REQUIRE(readKekSource(kind, folder.path()));
        ::chmod(path.c_str(), 0644);
        const auto open = readKekSource(kind, folder.path());
        REQUIRE_FALSE(open);
        CHECK(open.error() == Reason::config_value);
        CHECK_THAT(open.error().context, Contains("chmod 600"));
        ::chmod(path.c_str(), 0600);
        if (::chown(path.c_str(), 12345, 12345) == 0) { // only root may give a file away
            CHECK_THAT(readKekSource(kind, folder.path()).error().context, Contains("another user"));
            REQUIRE(::chown(path.c_str(), 0, 0) == 0);
        }
    }
    write(path, "short");
    CHECK_THAT(readKekSource("passphrase:kek.key", folder.path()).error().context,
               Contains("under 12 bytes"));
}
