// Owners for mbedTLS objects. Included only by sources of this room.
#pragma once

#include <mbedtls/asn1write.h>
#include <mbedtls/bignum.h>
#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

namespace ykt::crypto {

// Freeing zeroes the memory where mbedTLS keeps secrets in it.
template <typename T, void (*init)(T*), void (*free)(T*)>
class MbedtlsOwned {
  public:
    MbedtlsOwned() { init(&object_); }
    ~MbedtlsOwned() { free(&object_); }
    MbedtlsOwned(const MbedtlsOwned&) = delete;
    MbedtlsOwned& operator=(const MbedtlsOwned&) = delete;

    [[nodiscard]] T* get() { return &object_; }
    [[nodiscard]] const T* get() const { return &object_; }
    T* operator->() { return &object_; }
    const T* operator->() const { return &object_; }

  private:
    T object_;
};

using Mpi = MbedtlsOwned<mbedtls_mpi, mbedtls_mpi_init, mbedtls_mpi_free>;
using EcpPoint = MbedtlsOwned<mbedtls_ecp_point, mbedtls_ecp_point_init, mbedtls_ecp_point_free>;
using EcpGroup = MbedtlsOwned<mbedtls_ecp_group, mbedtls_ecp_group_init, mbedtls_ecp_group_free>;
using PkContext = MbedtlsOwned<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;
using X509Certificate = MbedtlsOwned<mbedtls_x509_crt, mbedtls_x509_crt_init, mbedtls_x509_crt_free>;
using X509Writer =
    MbedtlsOwned<mbedtls_x509write_cert, mbedtls_x509write_crt_init, mbedtls_x509write_crt_free>;

} // namespace ykt::crypto
