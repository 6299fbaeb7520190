#include "crypto/x509_writing.h"

#include <mbedtls/asn1write.h>
#include <mbedtls/oid.h>

namespace ykt::crypto {

bool setKey(PkContext& pk, const P256PublicKey& key) {
    if (mbedtls_pk_setup(pk.get(), mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) != 0)
        return false;
    auto* pair = mbedtls_pk_ec(*pk.get());
    const auto point = key.uncompressed();
    return mbedtls_ecp_group_load(&pair->grp, MBEDTLS_ECP_DP_SECP256R1) == 0 &&
           mbedtls_ecp_point_read_binary(&pair->grp, &pair->Q, point.data(), point.size()) == 0;
}

bool setKey(PkContext& pk, const P256PrivateKey& key) {
    const Secret text(concat({key.toPem().reveal(), ByteArray<1>{}})); // mbedTLS wants the final zero
    return mbedtls_pk_parse_key(pk.get(), text.reveal().data(), text.size(), nullptr, 0) == 0;
}

namespace {

bool setAttribute(mbedtls_asn1_named_data*& name, ByteView oid, int tag, ByteView value) {
    auto* entry = mbedtls_asn1_store_named_data(&name, reinterpret_cast<const char*>(oid.data()), oid.size(),
                                                value.data(), value.size());
    if (entry != nullptr)
        entry->val.tag = tag;
    return entry != nullptr;
}

} // namespace

bool setCommonName(mbedtls_asn1_named_data*& name, std::string_view commonName) {
    return setAttribute(name, asBytes(MBEDTLS_OID_AT_CN), MBEDTLS_ASN1_UTF8_STRING, asBytes(commonName));
}

bool copyName(mbedtls_asn1_named_data*& name, const mbedtls_x509_name& from) {
    for (const auto* entry = &from; entry != nullptr; entry = entry->next)
        if (!setAttribute(name, {entry->oid.p, entry->oid.len}, entry->val.tag,
                          {entry->val.p, entry->val.len}))
            return false;
    return true;
}

} // namespace ykt::crypto
