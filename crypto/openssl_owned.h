// Owners for OpenSSL objects. Included only by sources of this room.
#pragma once

#include <memory>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

namespace ykt::crypto {

template <auto free>
struct OpensslFree {
    template <typename T>
    void operator()(T* object) const {
        free(object);
    }
};

template <typename T, auto free>
using OpensslOwned = std::unique_ptr<T, OpensslFree<free>>;

using Bignum = OpensslOwned<BIGNUM, BN_clear_free>;
using BignumContext = OpensslOwned<BN_CTX, BN_CTX_free>;
using EcGroup = OpensslOwned<EC_GROUP, EC_GROUP_free>;
using EcPoint = OpensslOwned<EC_POINT, EC_POINT_free>;
using EcSignature = OpensslOwned<ECDSA_SIG, ECDSA_SIG_free>;
using EvpKey = OpensslOwned<EVP_PKEY, EVP_PKEY_free>;
using EvpKeyContext = OpensslOwned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using EvpDigestContext = OpensslOwned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EvpCipherContext = OpensslOwned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

// Leaves the thread's error queue as it was: libmosquitto's TLS reads the same queue and would take our
// refused signatures for failures of its connection.
class ErrorQueueGuard {
  public:
    ErrorQueueGuard() { ERR_set_mark(); }
    ~ErrorQueueGuard() { ERR_pop_to_mark(); }
    ErrorQueueGuard(const ErrorQueueGuard&) = delete;
    ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

} // namespace ykt::crypto
