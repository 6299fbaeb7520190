#include "crypto/sm2.h"

#include "crypto/curve_point.h"
#include "crypto/openssl_owned.h"
#include "crypto/random.h"

#include <algorithm>
#include <openssl/core_names.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>

namespace ykt::crypto {
namespace {

constexpr std::size_t scalarSize = 32;
constexpr std::size_t maxDerSize = 72; // SEQUENCE of two INTEGERs of at most 33 bytes

const EC_GROUP* sm2Group() {
    static const EcGroup group(EC_GROUP_new_by_curve_name(NID_sm2));
    return group.get();
}

const BIGNUM* groupOrder() {
    return EC_GROUP_get0_order(sm2Group());
}

Bignum number(ByteView bytes) {
    return Bignum(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

bool isBetweenOneAnd(const BIGNUM* value, const BIGNUM* last) {
    return !BN_is_zero(value) && !BN_is_negative(value) && BN_cmp(value, last) <= 0;
}

// GB/T 32918.2, 7.1 steps B1, B2 and B5: r and s in 1..n-1, and t = r + s is not zero modulo n.
bool areInRange(const BIGNUM* r, const BIGNUM* s) {
    const Bignum sum(BN_new());
    return sum && BN_cmp(r, groupOrder()) < 0 && BN_cmp(s, groupOrder()) < 0 && !BN_is_zero(r) &&
           !BN_is_zero(s) && BN_add(sum.get(), r, s) == 1 && BN_cmp(sum.get(), groupOrder()) != 0;
}

Result<Bytes> derFromRaw(ByteView raw) {
    if (raw.size() != 2 * scalarSize)
        return fail(Reason::signature_invalid, "SM2: length of the signature");
    auto r = number(raw.first(scalarSize));
    auto s = number(raw.last(scalarSize));
    const EcSignature signature(ECDSA_SIG_new());
    if (!r || !s || !signature)
        return fail(Reason::crypto_failed, "SM2");
    if (!areInRange(r.get(), s.get()))
        return fail(Reason::signature_invalid, "SM2: r or s out of range");
    ECDSA_SIG_set0(signature.get(), r.release(), s.release());
    Bytes der(maxDerSize);
    auto* end = der.data();
    const auto size = i2d_ECDSA_SIG(signature.get(), &end);
    if (size <= 0)
        return fail(Reason::crypto_failed, "SM2");
    der.resize(static_cast<std::size_t>(size));
    return der;
}

Result<Sm2Signature> rawFromDer(ByteView der) {
    const auto* at = der.data();
    const EcSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    Sm2Signature raw{};
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), scalarSize) != scalarSize ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + scalarSize, scalarSize) != scalarSize)
        return fail(Reason::crypto_failed, "SM2");
    return raw;
}

// The key as OpenSSL holds it; `scalar` is null for a public key.
Result<EvpKey> importKey(const ByteArray<65>& point, const BIGNUM* scalar) {
    auto pub = point;
    char name[] = SN_sm2;
    ByteArray<scalarSize> native{}; // OSSL_PARAM integers are in the byte order of the machine
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, pub.data(), pub.size()),
        OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
    if (scalar != nullptr) {
        BN_bn2nativepad(scalar, native.data(), static_cast<int>(native.size()));
        params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.data(), native.size());
    }
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr));
    EVP_PKEY* key = nullptr;
    const bool done = context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params) == 1;
    wipe(native);
    if (!done)
        return fail(Reason::crypto_failed, "SM2: import of a key");
    return EvpKey(key);
}

// Any public key: what it is copied for is its group, whose making costs more than all else of an import.
Result<EvpKey> makeModelKey() {
    ByteArray<65> generator{};
    EC_POINT_point2oct(sm2Group(), EC_GROUP_get0_generator(sm2Group()), POINT_CONVERSION_UNCOMPRESSED,
                       generator.data(), generator.size(), nullptr);
    return importKey(generator, nullptr);
}

Result<EvpKey> importPublicKey(const ByteArray<65>& point) {
    static const auto model = makeModelKey();
    if (!model)
        return fail(Reason::crypto_failed, "SM2: import of a key");
    EvpKey key(EVP_PKEY_dup(model->get()));
    if (!key || EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) != 1)
        return fail(Reason::crypto_failed, "SM2: import of a key");
    return key;
}

// A digest context bound to key and id. The id must be set before DigestSignInit/DigestVerifyInit: set later
// or not at all, OpenSSL 3.0 hashes an empty id and says nothing.
struct SigningContext {
    EvpKeyContext key;
    EvpDigestContext digest; // refers to `key`, so it goes first

    SigningContext(EVP_PKEY* pkey, std::string_view id)
        : key(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)), digest(EVP_MD_CTX_new()) {
        const bool ready =
            key && digest && EVP_PKEY_CTX_set1_id(key.get(), id.data(), static_cast<int>(id.size())) == 1;
        if (ready)
            EVP_MD_CTX_set_pkey_ctx(digest.get(), key.get());
        else
            digest.reset();
    }
};

} // namespace

struct Sm2PublicKey::Impl {
    ByteArray<65> point{};
    EvpKey key;
};

struct Sm2PrivateKey::Impl {
    Secret scalar;
    EvpKey key;
    Sm2PublicKey publicKey;
};

Result<Sm2PublicKey> Sm2PublicKey::fromPoint(ByteView point) {
    const ErrorQueueGuard guard;
    const auto full = uncompressPoint(Curve::sm2p256v1, point);
    if (!full)
        return failWith(full);
    auto key = importPublicKey(*full);
    if (!key)
        return failWith(key);
    return Sm2PublicKey(std::make_shared<const Impl>(Impl{*full, std::move(*key)}));
}

ByteArray<33> Sm2PublicKey::compressed() const {
    ByteArray<33> out{};
    std::copy_n(impl_->point.begin() + 1, scalarSize, out.begin() + 1);
    out[0] = static_cast<std::uint8_t>(2 | (impl_->point.back() & 1)); // SEC 1, 2.3.3: the parity of y
    return out;
}

ByteArray<65> Sm2PublicKey::uncompressed() const {
    return impl_->point;
}

Result<void> Sm2PublicKey::verify(ByteView message, ByteView signature, std::string_view id) const {
    const ErrorQueueGuard guard;
    const auto der = derFromRaw(signature);
    if (!der)
        return failWith(der);
    const SigningContext context(impl_->key.get(), id);
    if (!context.digest ||
        EVP_DigestVerifyInit(context.digest.get(), nullptr, EVP_sm3(), nullptr, impl_->key.get()) != 1)
        return fail(Reason::crypto_failed, "SM2 verification");
    const int verdict =
        EVP_DigestVerify(context.digest.get(), der->data(), der->size(), message.data(), message.size());
    if (verdict == 1)
        return {};
    return fail(verdict == 0 ? Reason::signature_invalid : Reason::crypto_failed, "SM2 verification");
}

Result<Sm2PrivateKey> Sm2PrivateKey::generate() {
    for (;;) {
        const auto scalar = randomSecret(scalarSize);
        if (!scalar)
            return failWith(scalar);
        auto key = fromScalar(*scalar);
        if (key || key.error().reason != Reason::key_invalid)
            return key; // out of range once in 2^32 draws
    }
}

Result<Sm2PrivateKey> Sm2PrivateKey::fromScalar(const Secret& scalar) {
    if (scalar.size() != scalarSize)
        return fail(Reason::key_invalid, "SM2: length of the private key");
    const ErrorQueueGuard guard;
    const auto value = number(scalar.reveal());
    const Bignum last(BN_dup(groupOrder()));
    const EcPoint product(EC_POINT_new(sm2Group()));
    ByteArray<65> point{};
    if (!value || !last || !product || BN_sub_word(last.get(), 2) != 1)
        return fail(Reason::crypto_failed, "SM2");
    if (!isBetweenOneAnd(value.get(), last.get()))
        return fail(Reason::key_invalid, "SM2: private key out of range");
    if (EC_POINT_mul(sm2Group(), product.get(), value.get(), nullptr, nullptr, nullptr) != 1 ||
        EC_POINT_point2oct(sm2Group(), product.get(), POINT_CONVERSION_UNCOMPRESSED, point.data(),
                           point.size(), nullptr) != point.size())
        return fail(Reason::crypto_failed, "SM2");
    auto publicKey = Sm2PublicKey::fromPoint(point);
    auto key = importKey(point, value.get());
    if (!publicKey || !key)
        return fail(Reason::crypto_failed, "SM2: import of a key");
    return Sm2PrivateKey(
        std::make_shared<const Impl>(Impl{scalar.clone(), std::move(*key), std::move(*publicKey)}));
}

Sm2PublicKey Sm2PrivateKey::publicKey() const {
    return impl_->publicKey;
}

Secret Sm2PrivateKey::scalar() const {
    return impl_->scalar.clone();
}

Result<Sm2Signature> Sm2PrivateKey::sign(ByteView message, std::string_view id) const {
    const ErrorQueueGuard guard;
    const SigningContext context(impl_->key.get(), id);
    Bytes der(maxDerSize);
    auto size = der.size();
    if (!context.digest ||
        EVP_DigestSignInit(context.digest.get(), nullptr, EVP_sm3(), nullptr, impl_->key.get()) != 1 ||
        EVP_DigestSign(context.digest.get(), der.data(), &size, message.data(), message.size()) != 1)
        return fail(Reason::crypto_failed, "SM2 signing");
    return rawFromDer(ByteView(der).first(size));
}

} // namespace ykt::crypto
