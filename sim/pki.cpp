#include "sim/pki.h"

#include "crypto/p256.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ykt::sim {

namespace {

constexpr auto validBefore = std::chrono::days{1}; // clocks of terminals may be a little behind
constexpr auto validAfter = std::chrono::days{3650};

} // namespace

Pki::Pki(crypto::P256PrivateKey key, std::string commonName, WallTime now)
    : key_(std::move(key)), commonName_(std::move(commonName)), now_(now) {}

Result<Pki> Pki::create(WallTime now, std::string commonName) {
    auto key = crypto::P256PrivateKey::generate();
    if (!key)
        return failWith(key);
    Pki pki(std::move(*key), std::move(commonName), now);
    const crypto::CertificateRequest root{pki.commonName_, {}, now - validBefore, now + validAfter, true};
    auto pem = crypto::makeCertificate(root, pki.key_.publicKey(), pki.key_, pki.commonName_);
    if (!pem)
        return failWith(pem);
    pki.caPem_ = std::move(*pem);
    return pki;
}

Result<crypto::TlsIdentity> Pki::serverIdentity(std::vector<std::string> names) const {
    const auto commonName = names.empty() ? std::string("server") : names.front();
    return issue({commonName, std::move(names), now_ - validBefore, now_ + validAfter, false});
}

Result<crypto::TlsIdentity> Pki::terminalIdentity(const std::string& terminal) const {
    return issue({terminal, {}, now_ - validBefore, now_ + validAfter, false});
}

Result<std::string> Pki::sign(const crypto::SigningRequest& request) const {
    return crypto::makeCertificate({request.commonName, {}, now_ - validBefore, now_ + validAfter, false},
                                   request.subject, key_, commonName_);
}

Result<crypto::TlsIdentity> Pki::issue(const crypto::CertificateRequest& request) const {
    const auto key = crypto::P256PrivateKey::generate();
    if (!key)
        return failWith(key);
    auto pem = crypto::makeCertificate(request, key->publicKey(), key_, commonName_);
    if (!pem)
        return failWith(pem);
    return crypto::TlsIdentity{std::move(*pem), key->toPem()};
}

Result<void> writeIdentity(const std::filesystem::path& folder, const std::string& name,
                           const crypto::TlsIdentity& identity) {
    if (const auto written = writePrivateFile(folder / (name + ".crt"), asBytes(identity.certificatePem));
        !written)
        return written;
    return writePrivateFile(folder / (name + ".key"), identity.privateKeyPem.reveal());
}

Result<void> writePrivateFile(const std::filesystem::path& file, ByteView content) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return fail(Reason::config_unreadable, file.string());
    bool written = ::fchmod(fd, S_IRUSR | S_IWUSR) == 0; // also of a file that was there with other modes
    while (written && !content.empty()) {
        const auto size = ::write(fd, content.data(), content.size());
        written = size > 0;
        content = content.subspan(written ? static_cast<std::size_t>(size) : 0);
    }
    ::close(fd);
    if (!written)
        return fail(Reason::config_unreadable, file.string());
    return {};
}

} // namespace ykt::sim
