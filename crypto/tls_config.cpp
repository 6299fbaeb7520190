#include "crypto/tls_config.h"

#include "crypto/random.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <sys/socket.h>

namespace ykt::crypto {

namespace {

// Forward secrecy, and the P-256 certificates that this house makes.
constexpr std::array ciphersuites{MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                                  MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 0};

// mbedTLS 2.28 compares host names only; an address must stand among the certificate's iPAddress names.
bool namesAddress(const mbedtls_x509_crt& certificate, const in_addr& address) {
    constexpr int ipAddressTag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7; // RFC 5280, 4.2.1.6
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&address);
    for (const auto* name = &certificate.subject_alt_names; name; name = name->next)
        if (name->buf.tag == ipAddressTag &&
            equalConstantTime({name->buf.p, name->buf.len}, {bytes, sizeof address}))
            return true;
    return false;
}

// Called for each certificate of the chain. Whether it is in force is for the injected clock to say.
int checkOne(void* context, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags) {
    const auto& config = *static_cast<const TlsConfig*>(context);
    constexpr std::uint32_t byTime = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
    *flags &= ~byTime;
    if (!isValidAt(infoOf(*certificate), config.clock.now().wall))
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    in_addr address{};
    if (depth == 0 && ::inet_pton(AF_INET, config.peerHost.c_str(), &address) == 1) {
        *flags &= ~static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_CN_MISMATCH);
        if (!namesAddress(*certificate, address))
            *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    }
    return 0;
}

int folded(ssize_t result, int wanted, int failed) {
    if (result >= 0)
        return static_cast<int>(result);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return wanted;
    return errno == ECONNRESET || errno == EPIPE ? MBEDTLS_ERR_NET_CONN_RESET : failed;
}

int sendBytes(void* socket, const unsigned char* bytes, std::size_t size) {
    const auto sent = ::send(*static_cast<int*>(socket), bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    return folded(sent, MBEDTLS_ERR_SSL_WANT_WRITE, MBEDTLS_ERR_NET_SEND_FAILED);
}

int receiveBytes(void* socket, unsigned char* bytes, std::size_t size) {
    const auto received = ::recv(*static_cast<int*>(socket), bytes, size, MSG_DONTWAIT);
    return folded(received, MBEDTLS_ERR_SSL_WANT_READ, MBEDTLS_ERR_NET_RECV_FAILED);
}

} // namespace

Result<void> TlsConfig::setUp(int endpoint, std::string_view caPem, const TlsIdentity& identity) {
    if (!parseAuthorities(authorities, caPem))
        return fail(Reason::certificate_invalid, "TLS: the pinned CAs");
    if (!parseOne(own, identity.certificatePem))
        return fail(Reason::certificate_invalid, "TLS: own certificate");
    auto key = concat({identity.privateKeyPem.reveal(), Bytes{0}}); // mbedTLS wants the final zero
    const int parsed = mbedtls_pk_parse_key(ownKey.get(), key.data(), key.size(), nullptr, 0);
    wipe(key);
    if (parsed != 0 || mbedtls_pk_check_pair(&own->pk, ownKey.get()) != 0)
        return fail(Reason::key_invalid, "TLS: own private key");
    if (mbedtls_ssl_config_defaults(config.get(), endpoint, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return fail(Reason::crypto_failed, "TLS: configuration");
    mbedtls_ssl_conf_min_version(config.get(), MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_ciphersuites(config.get(), ciphersuites.data());
    mbedtls_ssl_conf_renegotiation(config.get(), MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    mbedtls_ssl_conf_authmode(config.get(), MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_verify(config.get(), checkOne, this);
    mbedtls_ssl_conf_rng(config.get(), mbedtlsRandom, nullptr);
    mbedtls_ssl_conf_ca_chain(config.get(), authorities.get(), nullptr);
    if (mbedtls_ssl_conf_own_cert(config.get(), own.get(), ownKey.get()) != 0)
        return fail(Reason::crypto_failed, "TLS: own certificate");
    return {};
}

Result<void> TlsStream::Impl::shakeHands(const TlsConfig& config, const mbedtls_ssl_session* earlier) {
    // The socket's number is read through a pointer, and this object stays where it is.
    mbedtls_ssl_set_bio(ssl.get(), socket.address(), sendBytes, receiveBytes, nullptr);
    if (mbedtls_ssl_setup(ssl.get(), config.config.get()) != 0 ||
        (!config.peerHost.empty() && mbedtls_ssl_set_hostname(ssl.get(), config.peerHost.c_str()) != 0) ||
        (earlier && mbedtls_ssl_set_session(ssl.get(), earlier) != 0))
        return fail(Reason::crypto_failed, "TLS: preparing the handshake");
    const auto shaken = drive([this] { return mbedtls_ssl_handshake(ssl.get()); });
    if (!shaken)
        return failWith(shaken);
    if (*shaken == 0)
        return {};
    auto error = foldTlsError(*shaken, "TLS handshake");
    if (*shaken == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
        std::array<char, 256> why{};
        mbedtls_x509_crt_verify_info(why.data(), why.size(), "", mbedtls_ssl_get_verify_result(ssl.get()));
        error.context = std::string("TLS handshake: ") + why.data();
        error.context.erase(error.context.find_last_not_of('\n') + 1);
    }
    return tl::unexpected<Error>(std::move(error));
}

Error foldTlsError(int result, std::string_view doing) {
    std::array<char, 128> text{};
    mbedtls_strerror(result, text.data(), text.size());
    const auto context = std::string(doing) + ": " + text.data();
    switch (result) {
    case MBEDTLS_ERR_NET_CONN_RESET:
    case MBEDTLS_ERR_NET_SEND_FAILED:
    case MBEDTLS_ERR_NET_RECV_FAILED:
    case MBEDTLS_ERR_SSL_CONN_EOF:
        return {Reason::unreachable, context};
    default: // alerts, certificates, and bytes that are not TLS
        return {Reason::upstream_untrusted, context};
    }
}

} // namespace ykt::crypto
