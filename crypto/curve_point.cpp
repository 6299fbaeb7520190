#include "crypto/curve_point.h"

#include "crypto/openssl_owned.h"

#include <openssl/obj_mac.h>

namespace ykt::crypto {
namespace {

// The hybrid form (06/07) and the single zero byte of infinity are left out: nobody in the field writes them.
bool hasKnownForm(ByteView point) {
    return (point.size() == 33 && (point[0] == 2 || point[0] == 3)) || (point.size() == 65 && point[0] == 4);
}

const EC_GROUP* groupOf(Curve curve) {
    static const EcGroup sm2(EC_GROUP_new_by_curve_name(NID_sm2));
    static const EcGroup p256(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    return curve == Curve::sm2p256v1 ? sm2.get() : p256.get();
}

} // namespace

Result<ByteArray<65>> uncompressPoint(Curve curve, ByteView point) {
    if (!hasKnownForm(point))
        return fail(Reason::key_invalid, "public key: form or length");
    const ErrorQueueGuard guard;
    const auto* group = groupOf(curve);
    const EcPoint parsed(EC_POINT_new(group));
    // oct2point refuses coordinates not below p and points off the curve.
    if (!parsed || EC_POINT_oct2point(group, parsed.get(), point.data(), point.size(), nullptr) != 1)
        return fail(Reason::key_invalid, "public key: not a point of the curve");
    ByteArray<65> out{};
    const auto size = EC_POINT_point2oct(group, parsed.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(),
                                         out.size(), nullptr);
    if (size != out.size())
        return fail(Reason::key_invalid, "public key: point at infinity");
    return out;
}

} // namespace ykt::crypto
