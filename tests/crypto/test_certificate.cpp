#include "crypto/certificate.h"
#include "tests/crypto/known.h"

#include <catch2/catch.hpp>
#include <mbedtls/pem.h>
#include <mbedtls/x509_crt.h>
#include <memory>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

using namespace ykt;
using namespace ykt::crypto;
using namespace ykt::test;
using namespace std::chrono_literals;

namespace {

const auto start = wallFromUnixSeconds(1'800'000'000);
const auto end = start + std::chrono::days(365);
const auto middle = start + std::chrono::days(100);

struct Authority {
    std::string name;
    P256PrivateKey key = *P256PrivateKey::generate();
    std::string pem;

    explicit Authority(std::string commonName, bool isAuthority = true, WallTime notBefore = start,
                       WallTime notAfter = end)
        : name(std::move(commonName)),
          pem(*makeCertificate({name, {}, notBefore, notAfter, isAuthority}, key.publicKey(), key, name)) {}

    [[nodiscard]] std::string issue(const CertificateRequest& request) const {
        return *makeCertificate(request, P256PrivateKey::generate()->publicKey(), key, name);
    }
    [[nodiscard]] std::string issueServer() const {
        return issue({"terminal 1", {"localhost", "127.0.0.1", "::1"}, start, end, false});
    }
};

bool isRefused(const std::string& pem, const std::string& caPem, WallTime at = middle) {
    const auto result = checkCertificate(pem, caPem, at);
    return !result && result.error() == Reason::certificate_invalid;
}

using OpensslCertificate = std::unique_ptr<X509, decltype(&X509_free)>;

OpensslCertificate readWithOpenssl(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

Bytes derOf(const std::string& pem) {
    const auto certificate = readWithOpenssl(pem);
    Bytes der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
    auto* at = der.data();
    i2d_X509(certificate.get(), &at);
    return der;
}

std::string pemOf(const Bytes& der) {
    Bytes out(der.size() * 2 + 128);
    std::size_t size = 0;
    REQUIRE(mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n",
                                     der.data(), der.size(), out.data(), out.size(), &size) == 0);
    return toText(ByteView(out).first(size - 1));
}

} // namespace

TEST_CASE("a certificate says what was asked for") {
    const Authority ca("测试根 CA, O=x");
    const auto info = readCertificate(ca.pem);
    REQUIRE(info);
    CHECK(info->commonName == "测试根 CA, O=x");
    CHECK(info->isAuthority);
    CHECK(info->notBefore == start);
    CHECK(info->notAfter == end);
    CHECK(info->serial.size() == 16);
    const auto server = readCertificate(ca.issueServer());
    REQUIRE(server);
    CHECK(server->commonName == "terminal 1");
    CHECK_FALSE(server->isAuthority);
    CHECK(server->serial != info->serial);
}

TEST_CASE("a certificate chains to its own CA and to no other") {
    const Authority ca("root");
    const Authority foreign("root"); // the same name, another key
    const auto pem = ca.issueServer();
    CHECK(checkCertificate(pem, ca.pem, middle));
    CHECK(checkCertificate(ca.pem, ca.pem, middle));
    CHECK(isRefused(pem, foreign.pem));
    CHECK(isRefused(foreign.pem, ca.pem));
    const Authority renamed("another root");
    CHECK(isRefused(pem, renamed.pem));
}

TEST_CASE("validity is judged by the time given, never by the system's clock") {
    const Authority ca("root", true, start - std::chrono::days(1), end + std::chrono::days(1));
    const auto pem = ca.issueServer();
    CHECK(checkCertificate(pem, ca.pem, start));
    CHECK(checkCertificate(pem, ca.pem, end + 999ms));
    CHECK(isRefused(pem, ca.pem, start - 1ms));
    CHECK(isRefused(pem, ca.pem, end + 1s));

    for (const auto days : {9'000, 40'000}) { // 1994 and 2079
        const auto from = WallTime{} + std::chrono::days(days);
        const Authority other("root", true, from, from + std::chrono::days(30));
        const auto own = other.issue({"terminal", {}, from, from + std::chrono::days(30), false});
        CHECK(checkCertificate(own, other.pem, from + std::chrono::days(3)));
        CHECK(isRefused(own, other.pem, middle));
    }
}

TEST_CASE("the CA must be in force too") {
    const Authority shortLived("root", true, start, start + std::chrono::days(1));
    const auto pem = shortLived.issueServer();
    CHECK(checkCertificate(pem, shortLived.pem, start + 1h));
    CHECK(isRefused(pem, shortLived.pem, middle));
}

TEST_CASE("while a CA is changed both are trusted, and each only while it is in force") {
    const Authority old("root", true, start, start + std::chrono::days(1));
    const Authority fresh("root");
    const Authority foreign("root");
    for (const auto& both : {old.pem + fresh.pem, fresh.pem + old.pem}) {
        CHECK(areAuthorities(both));
        CHECK(checkCertificate(old.issueServer(), both, start + 1h));
        CHECK(isRefused(old.issueServer(), both, middle));
        CHECK(checkCertificate(fresh.issueServer(), both, middle));
        CHECK(isRefused(foreign.issueServer(), both, middle));
    }
    const auto withServer = fresh.pem + fresh.issueServer();
    CHECK_FALSE(areAuthorities(withServer)); // what is no authority is trusted for nothing
    CHECK(isRefused(fresh.issueServer(), withServer, middle));
}

TEST_CASE("a certificate that is not an authority issues nothing") {
    const Authority notCa("root", false);
    CHECK(isRefused(notCa.issueServer(), notCa.pem));
    CHECK(isRefused(notCa.pem, notCa.pem));
}

TEST_CASE("what is not exactly one PEM certificate is refused") {
    const Authority ca("root");
    const auto pem = ca.issueServer();
    const std::string garbage =
        "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    for (const auto& bad :
         {std::string{}, std::string("garbage"), garbage, pem + pem, pem + garbage, toText(derOf(pem))}) {
        CHECK(readCertificate(bad).error() == Reason::certificate_invalid);
        CHECK(isRefused(bad, ca.pem));
        CHECK(isRefused(pem, bad));
    }
    for (std::size_t size = 0; size + 2 < pem.size(); ++size)
        CHECK(readCertificate(std::string_view(pem).substr(0, size)).error() == Reason::certificate_invalid);
}

TEST_CASE("a certificate with any byte changed or cut short no longer chains") {
    const Authority ca("root");
    const auto der = derOf(ca.issueServer());
    REQUIRE(checkCertificate(pemOf(der), ca.pem, middle));
    for (std::size_t i = 0; i < der.size(); ++i) {
        auto changed = der;
        changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        INFO("byte " << i);
        CHECK(isRefused(pemOf(changed), ca.pem));
        CHECK(isRefused(pemOf(Bytes(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(i))), ca.pem));
    }
}

TEST_CASE("another library finds the names, the uses and the signature in our certificates") {
    const Authority ca("root");
    const auto authority = readWithOpenssl(ca.pem);
    const auto server = readWithOpenssl(ca.issueServer());
    REQUIRE((authority && server));
    CHECK(X509_verify(server.get(), X509_get0_pubkey(authority.get())) == 1);
    CHECK(X509_check_issued(authority.get(), server.get()) == X509_V_OK);
    CHECK(X509_check_ca(authority.get()) == 1);
    CHECK(X509_check_ca(server.get()) == 0);
    CHECK(X509_get_key_usage(authority.get()) == (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
    CHECK(X509_get_key_usage(server.get()) == KU_DIGITAL_SIGNATURE);
    CHECK(X509_check_purpose(server.get(), X509_PURPOSE_SSL_SERVER, 0) == 1);
    CHECK(X509_check_purpose(server.get(), X509_PURPOSE_SSL_CLIENT, 0) == 1);
    CHECK(X509_check_host(server.get(), "localhost", 0, 0, nullptr) == 1);
    CHECK(X509_check_host(server.get(), "elsewhere", 0, 0, nullptr) == 0);
    CHECK(X509_check_ip_asc(server.get(), "127.0.0.1", 0) == 1);
    CHECK(X509_check_ip_asc(server.get(), "::1", 0) == 1);
    CHECK(X509_check_ip_asc(server.get(), "127.0.0.2", 0) == 0);
}

TEST_CASE("an mbedTLS client accepts each name that was asked for as its host") {
    const Authority ca("root");
    const auto verdictFor = [&](const char* host) {
        mbedtls_x509_crt server;
        mbedtls_x509_crt root;
        mbedtls_x509_crt_init(&server);
        mbedtls_x509_crt_init(&root);
        const auto pem = ca.issueServer();
        mbedtls_x509_crt_parse(&server, reinterpret_cast<const std::uint8_t*>(pem.c_str()), pem.size() + 1);
        mbedtls_x509_crt_parse(&root, reinterpret_cast<const std::uint8_t*>(ca.pem.c_str()),
                               ca.pem.size() + 1);
        std::uint32_t flags = 0;
        mbedtls_x509_crt_verify(&server, &root, nullptr, host, &flags, nullptr, nullptr);
        mbedtls_x509_crt_free(&server);
        mbedtls_x509_crt_free(&root);
        return flags & static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_CN_MISMATCH);
    };
    for (const auto* host : {"localhost", "127.0.0.1", "::1"})
        CHECK(verdictFor(host) == 0);
    CHECK(verdictFor("elsewhere") != 0);
}
