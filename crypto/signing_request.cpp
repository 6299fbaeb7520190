#include "crypto/signing_request.h"

#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/x509_reading.h"
#include "crypto/x509_writing.h"

#include <mbedtls/x509_csr.h>

namespace ykt::crypto {

namespace {

using CsrWriter = MbedtlsOwned<mbedtls_x509write_csr, mbedtls_x509write_csr_init, mbedtls_x509write_csr_free>;
using Csr = MbedtlsOwned<mbedtls_x509_csr, mbedtls_x509_csr_init, mbedtls_x509_csr_free>;

constexpr std::size_t fixedPartSize = 1024; // a request as PEM without its name
constexpr std::size_t longestRequest = 8192;
constexpr std::string_view pemBegin = "-----BEGIN CERTIFICATE REQUEST-----";

tl::unexpected<Error> refused(const char* why) {
    return fail(Reason::certificate_invalid, std::string("signing request: ") + why);
}

bool isSignedByItself(Csr& csr) {
    const auto digest = sha256({csr->cri.p, csr->cri.len});
    return csr->sig_md == MBEDTLS_MD_SHA256 && csr->sig_pk == MBEDTLS_PK_ECDSA &&
           mbedtls_pk_verify(&csr->pk, csr->sig_md, digest.data(), digest.size(), csr->sig.p, csr->sig.len) ==
               0;
}

} // namespace

Result<std::string> makeSigningRequest(std::string_view commonName, const P256PrivateKey& key) {
    PkContext pk; // outlives the writer, which points to it
    CsrWriter writer;
    Bytes pem(fixedPartSize + 2 * commonName.size());
    mbedtls_x509write_csr_set_md_alg(writer.get(), MBEDTLS_MD_SHA256);
    if (!setKey(pk, key) || !setCommonName(writer->subject, commonName))
        return fail(Reason::crypto_failed, "signing request: fields");
    mbedtls_x509write_csr_set_key(writer.get(), pk.get());
    if (mbedtls_x509write_csr_pem(writer.get(), pem.data(), pem.size(), mbedtlsRandom, nullptr) != 0)
        return fail(Reason::crypto_failed, "signing request: writing");
    return std::string(reinterpret_cast<const char*>(pem.data()));
}

Result<SigningRequest> readSigningRequest(std::string_view pem) {
    const auto begin = pem.find(pemBegin);
    if (pem.size() > longestRequest || begin == std::string_view::npos ||
        pem.find(pemBegin, begin + 1) != std::string_view::npos)
        return refused("not exactly one");
    const std::string text(pem); // mbedTLS wants the final zero
    Csr csr;
    if (mbedtls_x509_csr_parse(csr.get(), reinterpret_cast<const std::uint8_t*>(text.c_str()),
                               text.size() + 1) != 0)
        return refused("malformed");
    auto subject = publicKeyOf(csr->pk);
    if (!subject)
        return failWith(subject);
    if (!isSignedByItself(csr))
        return refused("not signed by the key that it is for");
    return SigningRequest{commonNameOf(csr->subject), std::move(*subject)};
}

} // namespace ykt::crypto
