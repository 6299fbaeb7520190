// What certificates and signing requests are both written with. Included only by sources of this room.
#pragma once

#include "crypto/mbedtls_owned.h"
#include "crypto/p256.h"

#include <string_view>

namespace ykt::crypto {

bool setKey(PkContext& pk, const P256PublicKey& key);
bool setKey(PkContext& pk, const P256PrivateKey& key);

// Not by mbedTLS's functions of that purpose: they parse text, so a comma in a name would start a new
// attribute.
bool setCommonName(mbedtls_asn1_named_data*& name, std::string_view commonName);
// As another certificate has it, in its order and encoding. Of an attribute that comes twice, the last only.
bool copyName(mbedtls_asn1_named_data*& name, const mbedtls_x509_name& from);

} // namespace ykt::crypto
