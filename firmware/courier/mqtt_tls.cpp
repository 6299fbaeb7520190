#include "firmware/courier/mqtt_tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace ykt::firmware::courier {
namespace {

template <typename T, void (*release)(T*)>
struct Releaser {
    void operator()(T* object) const { release(object); }
};
using X509Owner = std::unique_ptr<X509, Releaser<X509, X509_free>>;
using KeyOwner = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY, EVP_PKEY_free>>;
using BioOwner = std::unique_ptr<BIO, Releaser<BIO, BIO_free_all>>;

BioOwner over(ByteView text) {
    return BioOwner(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

X509Owner readCertificate(BIO& pem) {
    return X509Owner(PEM_read_bio_X509(&pem, nullptr, nullptr, nullptr));
}

// One or more; what comes after the last that can be read is not looked at: the profile's reader was strict.
bool trustEach(std::string_view pem, X509_STORE* trusted) {
    const auto text = over(asBytes(pem));
    bool any = false;
    while (const auto authority = readCertificate(*text)) {
        if (X509_STORE_add_cert(trusted, authority.get()) != 1)
            return false;
        any = true;
    }
    return any;
}

int noPassphrase(char*, int, int, void*) {
    return 0;
}

KeyOwner readKey(const Secret& pem) {
    return KeyOwner(PEM_read_bio_PrivateKey(over(pem.reveal()).get(), nullptr, noPassphrase, nullptr));
}

bool isAddress(const std::string& host) {
    in_addr ignored{};
    return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

bool expectHost(SSL_CTX* context, const std::string& host) {
    auto* checks = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    X509_VERIFY_PARAM_set1_ip(checks, nullptr, 0); // of the connection before
    X509_VERIFY_PARAM_set1_host(checks, nullptr, 0);
    return (isAddress(host) ? X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str())
                            : X509_VERIFY_PARAM_set1_host(checks, host.c_str(), host.size())) == 1;
}

} // namespace

Result<std::unique_ptr<MqttTls>> MqttTls::create(std::string_view caPem,
                                                 const crypto::TlsIdentity& identity) {
    std::unique_ptr<MqttTls> tls(new MqttTls);
    auto done = tls->setUp(caPem, identity);
    ERR_clear_error();
    if (!done)
        return failWith(done);
    return tls;
}

Result<void> MqttTls::setUp(std::string_view caPem, const crypto::TlsIdentity& identity) {
    context_ = Context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (!context_)
        return fail(Reason::crypto_failed, "MQTT: TLS");
    if (!trustEach(caPem, SSL_CTX_get_cert_store(context_.get())))
        return fail(Reason::certificate_invalid, "MQTT: CA");
    const auto own = readCertificate(*over(asBytes(identity.certificatePem)));
    if (!own)
        return fail(Reason::certificate_invalid, "MQTT: own");
    const auto key = readKey(identity.privateKeyPem);
    if (!key || SSL_CTX_use_certificate(context_.get(), own.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1)
        return fail(Reason::key_invalid, "MQTT: not the certificate's key");
    if (SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1)
        return fail(Reason::crypto_failed, "MQTT: TLS");
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    // MQTT has lengths of its own, so an end without notice cuts off nothing unseen; OpenSSL would answer it
    // with an alert.
    SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_set_info_callback(context_.get(), notice);
    return {};
}

Result<SSL_CTX*> MqttTls::begin(const std::string& host, WallTime now) {
    host_ = host;
    refused_ = false;
    if (!expectHost(context_.get(), host))
        return fail(Reason::crypto_failed, "MQTT: TLS");
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context_.get()), unixSeconds(now));
    return context_.get();
}

void MqttTls::notice(const SSL* connection, int where, int what) {
    auto* self = static_cast<MqttTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
    // libmosquitto is given an address, so that nothing of it waits for a name server, and would tell the
    // broker that instead of the name.
    if ((where & SSL_CB_HANDSHAKE_START) != 0 && !isAddress(self->host_))
        SSL_set_tlsext_host_name(const_cast<SSL*>(connection), self->host_.c_str());
    if ((where & SSL_CB_ALERT) != 0 && (what & 0xFF) != SSL3_AD_CLOSE_NOTIFY)
        self->refused_ = true;
}

} // namespace ykt::firmware::courier
