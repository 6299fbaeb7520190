#include "crypto/certificate.h"
#include "crypto/mbedtls_owned.h"
#include "crypto/random.h"
#include "crypto/x509_reading.h"
#include "crypto/x509_writing.h"

#include <arpa/inet.h>
#include <mbedtls/oid.h>

namespace ykt::crypto {
namespace {

constexpr std::size_t serialSize = 16; // RFC 5280, 4.1.2.2: at most 20 octets, positive
constexpr int noPathLimit = -1;
constexpr std::uint8_t dnsNameTag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2; // RFC 5280, 4.2.1.6
constexpr std::uint8_t ipAddressTag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7;
constexpr std::size_t fixedPartSize = 2048; // a certificate as PEM without its alternative names

Bytes addressBytes(const std::string& name) {
    Bytes v4(4);
    Bytes v6(16);
    if (inet_pton(AF_INET, name.c_str(), v4.data()) == 1)
        return v4;
    if (inet_pton(AF_INET6, name.c_str(), v6.data()) == 1)
        return v6;
    return {};
}

// mbedTLS writes DER from the end of a buffer to its start and adds up lengths, or answers a negative error.
class BackwardDer {
  public:
    explicit BackwardDer(std::size_t size) : buffer_(size), at_(buffer_.data() + size) {}

    void prepend(std::uint8_t tag, ByteView content) {
        add(mbedtls_asn1_write_raw_buffer(&at_, buffer_.data(), content.data(), content.size()));
        wrap(tag, content.size());
    }
    void wrap(std::uint8_t tag, std::size_t contentSize) {
        add(mbedtls_asn1_write_len(&at_, buffer_.data(), contentSize));
        add(mbedtls_asn1_write_tag(&at_, buffer_.data(), tag));
    }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] ByteView written() const { return {at_, size_}; }

  private:
    void add(int result) {
        if (result < 0)
            failed_ = true;
        else
            size_ += static_cast<std::size_t>(result);
    }

    Bytes buffer_;
    std::uint8_t* at_;
    std::size_t size_ = 0;
    bool failed_ = false;
};

Result<Bytes> alternativeNames(const std::vector<std::string>& names) {
    std::size_t room = 16;
    for (const auto& name : names)
        room += name.size() + 32;
    BackwardDer der(room);
    for (const auto& name : names) { // from the end to the start: the order of the names has no meaning
        if (const auto address = addressBytes(name); !address.empty())
            der.prepend(ipAddressTag, address);
        der.prepend(dnsNameTag, asBytes(name));
    }
    der.wrap(MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE, der.size());
    if (der.failed())
        return fail(Reason::crypto_failed, "certificate: alternative names");
    return Bytes(der.written().begin(), der.written().end());
}

bool setSerial(X509Writer& writer) {
    auto bytes = randomBytes(serialSize);
    if (!bytes)
        return false;
    bytes->front() = static_cast<std::uint8_t>((bytes->front() & 0x7F) | 0x40); // positive, of full length
    return mbedtls_mpi_read_binary(&writer->serial, bytes->data(), bytes->size()) == 0;
}

// "20261124074857"
std::string validityText(WallTime time) {
    std::string digits;
    for (const char c : formatUtc(time))
        if (c >= '0' && c <= '9')
            digits.push_back(c);
    digits.resize(14); // without milliseconds
    return digits;
}

bool setExtensions(X509Writer& writer, const CertificateRequest& request) {
    const unsigned usage = request.isAuthority ? MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN
                                               : MBEDTLS_X509_KU_DIGITAL_SIGNATURE;
    if (mbedtls_x509write_crt_set_basic_constraints(writer.get(), request.isAuthority ? 1 : 0, noPathLimit) !=
            0 ||
        mbedtls_x509write_crt_set_key_usage(writer.get(), usage) != 0 ||
        mbedtls_x509write_crt_set_subject_key_identifier(writer.get()) != 0 ||
        mbedtls_x509write_crt_set_authority_key_identifier(writer.get()) != 0)
        return false;
    if (request.dnsNames.empty())
        return true;
    const auto names = alternativeNames(request.dnsNames);
    return names && mbedtls_x509write_crt_set_extension(writer.get(), MBEDTLS_OID_SUBJECT_ALT_NAME,
                                                        MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0,
                                                        names->data(), names->size()) == 0;
}

Result<std::string> writePem(X509Writer& writer, const CertificateRequest& request) {
    std::size_t size = fixedPartSize + 2 * request.commonName.size();
    for (const auto& name : request.dnsNames)
        size += 2 * (name.size() + 32); // PEM takes four bytes for three
    Bytes pem(size);
    if (mbedtls_x509write_crt_pem(writer.get(), pem.data(), pem.size(), mbedtlsRandom, nullptr) != 0)
        return fail(Reason::crypto_failed, "certificate: writing");
    return std::string(reinterpret_cast<const char*>(pem.data()));
}

// The writer has its issuer's name.
Result<std::string> make(X509Writer& writer, const CertificateRequest& request, const P256PublicKey& subject,
                         const P256PrivateKey& issuerKey) {
    PkContext subjectPk;
    PkContext issuerPk;
    if (!setKey(subjectPk, subject) || !setKey(issuerPk, issuerKey))
        return fail(Reason::crypto_failed, "certificate: keys");
    mbedtls_x509write_crt_set_version(writer.get(), MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(writer.get(), MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(writer.get(), subjectPk.get());
    mbedtls_x509write_crt_set_issuer_key(writer.get(), issuerPk.get());
    if (!setSerial(writer) || !setCommonName(writer->subject, request.commonName) ||
        mbedtls_x509write_crt_set_validity(writer.get(), validityText(request.notBefore).c_str(),
                                           validityText(request.notAfter).c_str()) != 0 ||
        !setExtensions(writer, request))
        return fail(Reason::crypto_failed, "certificate: fields");
    return writePem(writer, request);
}

} // namespace

Result<std::string> makeCertificate(const CertificateRequest& request, const P256PublicKey& subject,
                                    const P256PrivateKey& issuerKey, std::string_view issuerCommonName) {
    X509Writer writer;
    if (!setCommonName(writer->issuer, issuerCommonName))
        return fail(Reason::crypto_failed, "certificate: issuer");
    return make(writer, request, subject, issuerKey);
}

Result<std::string> makeCertificateUnder(std::string_view caPem, const P256PrivateKey& caKey,
                                         const CertificateRequest& request, const P256PublicKey& subject) {
    X509Certificate ca;
    if (!parseOne(ca, caPem))
        return fail(Reason::certificate_invalid, "CA: not one PEM certificate");
    X509Writer writer;
    if (!copyName(writer->issuer, ca->subject))
        return fail(Reason::crypto_failed, "certificate: issuer");
    return make(writer, request, subject, caKey);
}

} // namespace ykt::crypto
