#include "crypto/certificate_authority.h"

#include <catch2/catch.hpp>
#include <memory>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

using namespace ykt;
using namespace ykt::crypto;
using namespace std::chrono_literals;

namespace {

const auto start = wallFromUnixSeconds(1'800'000'000);
const auto end = start + std::chrono::days(3650);
const auto now = start + std::chrono::days(100);
constexpr std::chrono::days year{365};

template <typename T, void (*release)(T*)>
struct Releaser {
    void operator()(T* object) const { release(object); }
};

// A CA as an operator's program makes it, with a name of several attributes.
std::string opensslCa(const P256PrivateKey& key,
                      const std::vector<std::pair<const char*, const char*>>& attributes) {
    const std::unique_ptr<X509, Releaser<X509, X509_free>> ca(X509_new());
    const auto pem = key.toPem();
    const std::unique_ptr<BIO, Releaser<BIO, BIO_free_all>> in(
        BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.size())));
    const std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY, EVP_PKEY_free>> pkey(
        PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
    X509_set_version(ca.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(ca.get()), 7);
    ASN1_TIME_set(X509_getm_notBefore(ca.get()), unixSeconds(start));
    ASN1_TIME_set(X509_getm_notAfter(ca.get()), unixSeconds(end));
    X509_set_pubkey(ca.get(), pkey.get());
    auto* name = X509_get_subject_name(ca.get());
    for (const auto& [attribute, value] : attributes)
        X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_UTF8,
                                   reinterpret_cast<const std::uint8_t*>(value), -1, -1, 0);
    X509_set_issuer_name(ca.get(), name);
    const std::unique_ptr<X509_EXTENSION, Releaser<X509_EXTENSION, X509_EXTENSION_free>> authority(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
    X509_add_ext(ca.get(), authority.get(), -1);
    X509_sign(ca.get(), pkey.get(), EVP_sha256());
    const std::unique_ptr<BIO, Releaser<BIO, BIO_free_all>> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), ca.get());
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

// What any other program that knows the CA says of a certificate.
bool opensslTrusts(const std::string& certificate, const std::string& ca) {
    const auto read = [](const std::string& pem) {
        const std::unique_ptr<BIO, Releaser<BIO, BIO_free_all>> in(
            BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        return std::unique_ptr<X509, Releaser<X509, X509_free>>(
            PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    };
    const std::unique_ptr<X509_STORE, Releaser<X509_STORE, X509_STORE_free>> store(X509_STORE_new());
    const auto authority = read(ca);
    const auto leaf = read(certificate);
    X509_STORE_add_cert(store.get(), authority.get());
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), unixSeconds(now));
    const std::unique_ptr<X509_STORE_CTX, Releaser<X509_STORE_CTX, X509_STORE_CTX_free>> check(
        X509_STORE_CTX_new());
    X509_STORE_CTX_init(check.get(), store.get(), leaf.get(), nullptr);
    return X509_verify_cert(check.get()) == 1;
}

const auto caKey = P256PrivateKey::generate().value();
const auto ca = opensslCa(
    caKey, {{"C", "CN"}, {"ST", "宁夏"}, {"O", "Social security"}, {"OU", "Terminals"}, {"CN", "CA 1"}});

} // namespace

TEST_CASE("a CA signs for the key and the name that ask, for so many days and never beyond its own end") {
    const auto authority = CertificateAuthority::open(ca, caKey.toPem(), year, now);
    REQUIRE(authority);
    const auto key = P256PrivateKey::generate().value();
    const auto made = authority->sign({"NX-BUS-0001", key.publicKey()}, now);
    REQUIRE(made);
    CHECK(publicKeyOf(*made)->uncompressed() == key.publicKey().uncompressed());
    const auto info = readCertificate(*made);
    CHECK(info->commonName == "NX-BUS-0001");
    CHECK_FALSE(info->isAuthority);
    CHECK(info->notBefore == now - 24h);
    CHECK(info->notAfter == now + year);
    CHECK(checkCertificate(*made, ca, now));
    CHECK(opensslTrusts(*made, ca));
    CHECK(readCertificate(*authority->sign({"NX-BUS-0001", key.publicKey()}, end - 24h))->notAfter == end);
    CHECK(readCertificate(*authority->sign({"NX-BUS-0001", key.publicKey()}, start + 1h))->notBefore ==
          start);
    CHECK(authority->sign({"NX-BUS-0001", key.publicKey()}, end + 24h).error() ==
          Reason::certificate_invalid);
}

TEST_CASE("what cannot sign is refused before anybody asks") {
    const auto opened = [](const std::string& pem, const P256PrivateKey& key, WallTime at = now) {
        return CertificateAuthority::open(pem, key.toPem(), year, at).error();
    };
    const auto other = P256PrivateKey::generate().value();
    CHECK(opened(ca, other) == Reason::key_invalid);
    CHECK(opened(ca + ca, caKey) == Reason::certificate_invalid);
    CHECK(opened(ca, caKey, end + 24h) == Reason::certificate_invalid);
    CHECK(opened(opensslCa(caKey, {{"OU", "one"}, {"OU", "two"}, {"CN", "CA"}}), caKey) ==
          Reason::certificate_invalid);
    const auto leaf =
        makeCertificate({"NX-BUS-0001", {}, start, end, false}, caKey.publicKey(), caKey, "NX-BUS-0001");
    CHECK(opened(*leaf, caKey) == Reason::certificate_invalid);
    CHECK(CertificateAuthority::open(ca, Secret::copyOf(asBytes("no key")), year, now).error() ==
          Reason::key_invalid);
}
