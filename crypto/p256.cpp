#include "crypto/p256.h"

#include "crypto/curve_point.h"
#include "crypto/digest.h"
#include "crypto/mbedtls_owned.h"
#include "crypto/random.h"

#include <mbedtls/ecdsa.h>

namespace ykt::crypto {
namespace {

constexpr std::size_t scalarSize = 32;

// mbedTLS computes a table of multiples of the generator on first use and keeps it in the group, unlocked: a
// group shared by threads would be a data race, and a fresh one for each call would compute the table each
// time.
mbedtls_ecp_group* group() {
    thread_local EcpGroup own;
    if (own->id == MBEDTLS_ECP_DP_NONE && mbedtls_ecp_group_load(own.get(), MBEDTLS_ECP_DP_SECP256R1) != 0)
        return nullptr;
    return own.get();
}

Result<Secret> writePem(const mbedtls_mpi& scalar, const mbedtls_ecp_point& point) {
    PkContext key;
    if (mbedtls_pk_setup(key.get(), mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) != 0)
        return fail(Reason::crypto_failed, "P-256");
    auto* pair = mbedtls_pk_ec(*key.get());
    Bytes pem(512);
    if (mbedtls_ecp_group_load(&pair->grp, MBEDTLS_ECP_DP_SECP256R1) != 0 ||
        mbedtls_mpi_copy(&pair->d, &scalar) != 0 || mbedtls_ecp_copy(&pair->Q, &point) != 0 ||
        mbedtls_pk_write_key_pem(key.get(), pem.data(), pem.size()) != 0)
        return fail(Reason::crypto_failed, "P-256: writing a key");
    const auto* text = reinterpret_cast<const char*>(pem.data());
    auto secret = Secret::copyOf(asBytes(text));
    wipe(pem);
    return secret;
}

} // namespace

struct P256PublicKey::Impl {
    ByteArray<65> bytes{};
    EcpPoint point;
};

struct P256PrivateKey::Impl {
    Mpi scalar;
    Secret pem;
    P256PublicKey publicKey;

    explicit Impl(P256PublicKey key) : publicKey(std::move(key)) {}

    // The public key is always computed: one that a key file carries beside the scalar is not believed.
    static Result<P256PrivateKey> make(const mbedtls_mpi& scalar) {
        EcpPoint product;
        ByteArray<65> point{};
        std::size_t size = 0;
        if (group() == nullptr ||
            mbedtls_ecp_mul(group(), product.get(), &scalar, &group()->G, mbedtlsRandom, nullptr) != 0 ||
            mbedtls_ecp_point_write_binary(group(), product.get(), MBEDTLS_ECP_PF_UNCOMPRESSED, &size,
                                           point.data(), point.size()) != 0)
            return fail(Reason::crypto_failed, "P-256: public key");
        auto publicKey = P256PublicKey::fromPoint(point);
        auto pem = writePem(scalar, *product.get());
        if (!publicKey || !pem)
            return fail(Reason::crypto_failed, "P-256: public key");
        auto impl = std::make_shared<Impl>(std::move(*publicKey));
        impl->pem = std::move(*pem);
        if (mbedtls_mpi_copy(impl->scalar.get(), &scalar) != 0)
            return fail(Reason::crypto_failed, "P-256");
        return P256PrivateKey(std::move(impl));
    }
};

Result<P256PublicKey> P256PublicKey::fromPoint(ByteView point) {
    const auto full = uncompressPoint(Curve::secp256r1, point);
    if (!full)
        return failWith(full);
    auto impl = std::make_shared<Impl>();
    impl->bytes = *full;
    if (group() == nullptr ||
        mbedtls_ecp_point_read_binary(group(), impl->point.get(), full->data(), full->size()) != 0)
        return fail(Reason::crypto_failed, "P-256");
    return P256PublicKey(std::move(impl));
}

ByteArray<65> P256PublicKey::uncompressed() const {
    return impl_->bytes;
}

Result<void> P256PublicKey::verify(ByteView message, ByteView signature) const {
    if (signature.size() != 2 * scalarSize)
        return fail(Reason::signature_invalid, "P-256: length of the signature");
    Mpi r;
    Mpi s;
    if (group() == nullptr || mbedtls_mpi_read_binary(r.get(), signature.data(), scalarSize) != 0 ||
        mbedtls_mpi_read_binary(s.get(), signature.data() + scalarSize, scalarSize) != 0)
        return fail(Reason::crypto_failed, "P-256");
    const auto digest = sha256(message);
    const int verdict =
        mbedtls_ecdsa_verify(group(), digest.data(), digest.size(), impl_->point.get(), r.get(), s.get());
    if (verdict == 0)
        return {};
    return fail(verdict == MBEDTLS_ERR_ECP_VERIFY_FAILED ? Reason::signature_invalid : Reason::crypto_failed,
                "P-256 verification");
}

Result<P256PrivateKey> P256PrivateKey::generate() {
    Mpi scalar;
    if (group() == nullptr || mbedtls_ecp_gen_privkey(group(), scalar.get(), mbedtlsRandom, nullptr) != 0)
        return fail(Reason::crypto_failed, "P-256: generation of a key");
    return Impl::make(*scalar.get());
}

Result<P256PrivateKey> P256PrivateKey::fromPem(const Secret& pem) {
    const Secret text(concat({pem.reveal(), ByteArray<1>{}})); // mbedTLS wants the final zero
    PkContext key;
    if (mbedtls_pk_parse_key(key.get(), text.reveal().data(), text.size(), nullptr, 0) != 0)
        return fail(Reason::key_invalid, "P-256: not a PEM private key");
    if (mbedtls_pk_get_type(key.get()) != MBEDTLS_PK_ECKEY ||
        mbedtls_pk_ec(*key.get())->grp.id != MBEDTLS_ECP_DP_SECP256R1)
        return fail(Reason::key_invalid, "P-256: a key of another kind");
    return Impl::make(mbedtls_pk_ec(*key.get())->d);
}

Secret P256PrivateKey::toPem() const {
    return impl_->pem.clone();
}

P256PublicKey P256PrivateKey::publicKey() const {
    return impl_->publicKey;
}

// RFC 6979: the nonce comes from key and message, so a weak generator cannot give the key away.
Result<P256Signature> P256PrivateKey::sign(ByteView message) const {
    const auto digest = sha256(message);
    Mpi r;
    Mpi s;
    P256Signature signature{};
    if (group() == nullptr ||
        mbedtls_ecdsa_sign_det_ext(group(), r.get(), s.get(), impl_->scalar.get(), digest.data(),
                                   digest.size(), MBEDTLS_MD_SHA256, mbedtlsRandom, nullptr) != 0 ||
        mbedtls_mpi_write_binary(r.get(), signature.data(), scalarSize) != 0 ||
        mbedtls_mpi_write_binary(s.get(), signature.data() + scalarSize, scalarSize) != 0)
        return fail(Reason::crypto_failed, "P-256 signing");
    return signature;
}

} // namespace ykt::crypto
