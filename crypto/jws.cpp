#include "crypto/jws.h"

#include "base/base64.h"
#include "crypto/x509_reading.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace ykt::crypto {
namespace {

using nlohmann::json;

constexpr std::size_t longestHeader = 8'192; // characters: one certificate, and some
constexpr std::string_view pemBegin = "-----BEGIN CERTIFICATE-----\n";
constexpr std::string_view pemEnd = "-----END CERTIFICATE-----\n";

// RFC 7515, 2: the alphabet of RFC 4648 section 5, without padding.
std::string toBase64Url(ByteView bytes) {
    auto text = toBase64(bytes);
    text.resize(text.find_last_not_of('=') + 1); // npos + 1 is 0
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

Result<Bytes> fromBase64Url(std::string_view text) {
    if (text.find_first_of("+/=") != std::string_view::npos)
        return fail(Reason::input_malformed, "JWS: base64url");
    std::string padded(text);
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    padded.append((4 - padded.size() % 4) % 4, '=');
    return fromBase64(padded);
}

// RFC 7468, 2: lines of 64 characters.
std::string pemFromDer(const std::string& base64) {
    std::string pem(pemBegin);
    for (std::size_t at = 0; at < base64.size(); at += 64)
        pem.append(base64, at, 64).push_back('\n');
    return pem.append(pemEnd);
}

// The certificate's base64.
std::optional<std::string> parseHeader(std::string_view type, const Bytes& text) {
    const auto header = json::parse(text, nullptr, false);
    if (!header.is_object() || header.contains("crit"))
        return std::nullopt;
    const auto is = [&header](const char* name, std::string_view wanted) {
        const auto found = header.find(name);
        return found != header.end() && found->is_string() && found->get_ref<const std::string&>() == wanted;
    };
    const auto chain = header.find("x5c");
    if (!is("alg", "ES256") || !is("typ", type) || chain == header.end() || !chain->is_array() ||
        chain->size() != 1 || !chain->front().is_string())
        return std::nullopt;
    return chain->front().get<std::string>();
}

} // namespace

Result<std::string> signJws(std::string_view type, ByteView payload, std::string_view certificatePem,
                            const P256PrivateKey& key) {
    X509Certificate certificate;
    if (!parseOne(certificate, certificatePem))
        return fail(Reason::certificate_invalid, "JWS: not one PEM certificate");
    const auto publicKey = publicKeyOf(certificate->pk);
    if (!publicKey)
        return failWith(publicKey);
    if (publicKey->uncompressed() != key.publicKey().uncompressed())
        return fail(Reason::key_invalid, "JWS: not the certificate's key");
    const json header{{"alg", "ES256"},
                      {"typ", type},
                      {"x5c", {toBase64(ByteView{certificate->raw.p, certificate->raw.len})}}};
    auto compact = toBase64Url(asBytes(header.dump())) + '.' + toBase64Url(payload);
    const auto signature = key.sign(asBytes(compact));
    if (!signature)
        return failWith(signature);
    return compact.append(1, '.').append(toBase64Url(*signature));
}

Result<VerifiedJws> verifyJws(std::string_view type, std::string_view compact, std::string_view caPem,
                              WallTime at) {
    const auto malformed = [] { return fail(Reason::input_malformed, "JWS"); };
    const auto first = compact.find('.');
    const auto last = compact.rfind('.');
    if (first == std::string_view::npos || first == last || first > longestHeader ||
        compact.find('.', first + 1) != last)
        return malformed();
    const auto headerText = fromBase64Url(compact.substr(0, first));
    auto payload = fromBase64Url(compact.substr(first + 1, last - first - 1));
    const auto signature = fromBase64Url(compact.substr(last + 1));
    if (!headerText || !payload || !signature)
        return malformed();
    const auto certificateBase64 = parseHeader(type, *headerText);
    if (!certificateBase64 || !fromBase64(*certificateBase64))
        return malformed();
    auto pem = pemFromDer(*certificateBase64);
    if (auto trusted = checkCertificate(pem, caPem, at); !trusted)
        return failWith(trusted);
    X509Certificate certificate;
    if (!parseOne(certificate, pem))
        return fail(Reason::certificate_invalid, "JWS: not one certificate");
    const auto key = publicKeyOf(certificate->pk);
    if (!key)
        return failWith(key);
    if (const auto signedByIt = key->verify(asBytes(compact.substr(0, last)), *signature); !signedByIt)
        return failWith(signedByIt);
    return VerifiedJws{std::move(*payload), infoOf(*certificate.get()), std::move(pem)};
}

} // namespace ykt::crypto
