// A folder of its own with the example profiles and every file that they name, made anew for each test.
#pragma once

#include "base/hex.h"
#include "crypto/certificate.h"
#include "crypto/random.h"
#include "crypto/sm2.h"
#include "tests/source_dir.h"
#include "tests/temporary_folder.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ykt::test {

namespace fs = std::filesystem;

class ProfileFolder {
  public:
    ProfileFolder() {
        fs::create_directory(folder_ / "keys");
        writeKeys();
        for (const auto* profile : {"bus.toml", "gate.toml", "kiosk.toml", "pharmacy.toml"})
            fs::copy(test::sourceDir() / "firmware/profiles" / profile, folder_);
    }

    [[nodiscard]] fs::path at(const std::string& name) const { return folder_ / name; }

    [[nodiscard]] std::string text(const std::string& name) const {
        std::ifstream file(at(name));
        std::stringstream content;
        content << file.rdbuf();
        return content.str();
    }

    void write(const std::string& name, std::string_view content) const {
        std::ofstream(at(name)) << content;
        fs::permissions(at(name), fs::perms::owner_read | fs::perms::owner_write);
    }

    // Puts `after` in the place of the one `before` in the file.
    void change(const std::string& name, const std::string& before, const std::string& after) const {
        auto content = text(name);
        const auto found = content.find(before);
        REQUIRE(found != std::string::npos);
        REQUIRE(content.find(before, found + 1) == std::string::npos);
        write(name, content.replace(found, before.size(), after));
    }

    // The line, from 1, that `part` stands on.
    [[nodiscard]] std::size_t lineOf(const std::string& name, const std::string& part) const {
        const auto content = text(name);
        const auto found = content.find(part);
        REQUIRE(found != std::string::npos);
        return 1 + static_cast<std::size_t>(std::count(
                       content.begin(), content.begin() + static_cast<std::ptrdiff_t>(found), '\n'));
    }

    Bytes kek;
    Bytes publisherPoint;

  private:
    void writeKeys() {
        const auto key = crypto::P256PrivateKey::generate().value();
        crypto::CertificateRequest request;
        request.commonName = "NX-TEST";
        request.notAfter = WallTime{std::chrono::hours{24}};
        request.isAuthority = true;
        const auto certificate = crypto::makeCertificate(request, key.publicKey(), key, "NX-TEST").value();
        write("keys/upstream-ca.crt", certificate);
        write("keys/terminal.crt", certificate);
        write("keys/terminal.key", toText(key.toPem().reveal()));
        kek = crypto::randomBytes(32).value();
        write("keys/kek.key", toHex(kek) + "\n");
        write("keys/pseudonym.key", toHex(crypto::randomBytes(32).value()));
        const auto point = crypto::Sm2PrivateKey::generate().value().publicKey().compressed();
        publisherPoint.assign(point.begin(), point.end());
        write("keys/publisher.pub", toHex(publisherPoint) + "\n");
    }

    TemporaryFolder temporary_;
    fs::path folder_ = temporary_.path();
};

} // namespace ykt::test
