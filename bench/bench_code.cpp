// What the proof of a code costs, step by step, beside one SM2 verification of the library alone; and a ride
// by code from the frame to the record. Prints a table; docs/performance.md quotes it.
#include "base/hex.h"
#include "bench/series.h"
#include "bench/terminal_world.h"
#include "drivers/system/clock.h"
#include "firmware/identity/identify.h"
#include "firmware/terminal/code_intake.h"
#include "qr/symbol_reader.h"
#include "sim/codes/code_issuer.h"
#include "sim/scene/presets.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <spdlog/spdlog.h>

namespace {

using namespace ykt;
using namespace ykt::bench;

constexpr int rounds = 500;
constexpr std::uint32_t fareFen = 200;

// OpenSSL's SM2 verification and nothing else: the key is imported and the signature is DER already.
class BareVerification {
  public:
    BareVerification(const crypto::Sm2PrivateKey& key, Bytes message) : message_(std::move(message)) {
        importKey(key.publicKey().uncompressed());
        sign(key);
    }
    ~BareVerification() { EVP_PKEY_free(key_); }
    BareVerification(const BareVerification&) = delete;
    BareVerification& operator=(const BareVerification&) = delete;

    void run() {
        EVP_PKEY_CTX* keyContext = EVP_PKEY_CTX_new_from_pkey(nullptr, key_, nullptr);
        EVP_PKEY_CTX_set1_id(keyContext, crypto::defaultSm2Id.data(),
                             static_cast<int>(crypto::defaultSm2Id.size()));
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EVP_MD_CTX_set_pkey_ctx(context, keyContext);
        const bool good =
            EVP_DigestVerifyInit(context, nullptr, EVP_sm3(), nullptr, key_) == 1 &&
            EVP_DigestVerify(context, der_.data(), der_.size(), message_.data(), message_.size()) == 1;
        EVP_MD_CTX_free(context);
        EVP_PKEY_CTX_free(keyContext);
        if (!good)
            throw std::runtime_error("the bare verification");
    }

  private:
    void importKey(ByteArray<65> point) {
        char name[] = "SM2";
        OSSL_PARAM params[3] = {
            OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
            OSSL_PARAM_construct_end()};
        EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr);
        EVP_PKEY_fromdata_init(context);
        EVP_PKEY_fromdata(context, &key_, EVP_PKEY_PUBLIC_KEY, params);
        EVP_PKEY_CTX_free(context);
    }
    void sign(const crypto::Sm2PrivateKey& key) {
        const auto raw = key.sign(message_).value();
        // SEQUENCE { INTEGER r, INTEGER s }: a leading zero where the top bit is set, none else.
        const auto integer = [](ByteView number) {
            while (number.size() > 1 && number[0] == 0)
                number = number.subspan(1);
            Bytes out{0x02, 0};
            if ((number[0] & 0x80) != 0)
                out.push_back(0);
            out.insert(out.end(), number.begin(), number.end());
            out[1] = static_cast<std::uint8_t>(out.size() - 2);
            return out;
        };
        const auto both = concat({integer(ByteView(raw).first(32)), integer(ByteView(raw).last(32))});
        der_ = concat({Bytes{0x30, static_cast<std::uint8_t>(both.size())}, both});
    }

    Bytes message_;
    Bytes der_;
    EVP_PKEY* key_ = nullptr;
};

class Stopwatch {
  public:
    explicit Stopwatch(const hal::Clock& clock) : clock_(clock) {}
    template <typename Work>
    void time(Series& series, const Work& work) {
        const auto begin = clock_.now().monotonic;
        work();
        series.add(clock_.now().monotonic - begin);
    }

  private:
    const hal::Clock& clock_;
};

void must(bool good, const char* what) {
    if (!good)
        throw std::runtime_error(what);
}

// Each step in each round, so that whatever disturbs the machine disturbs all of them.
void measureProof(const sim::CodeIssuer& issuer, const hal::Clock& clock) {
    const auto now = clock.now().wall;
    const Bytes transit = issuer.transitCode({}, now).value();
    const auto key = crypto::Sm2PrivateKey::generate().value();
    const Bytes message(transit.begin(), transit.end() - 65); // as long as what the user signs
    const auto signature = key.sign(message).value();
    const auto publicKey = key.publicKey();
    BareVerification bare(key, message);
    const qr::CodeVerifier warm(issuer.anchors());
    must(warm.verify(transit, now, fareFen).has_value(), "a genuine code");
    Stopwatch watch(clock);
    Series library, ours, parse, hit, miss;
    for (int round = 0; round < rounds; ++round) {
        watch.time(library, [&] { bare.run(); });
        watch.time(ours, [&] { must(publicKey.verify(message, signature).has_value(), "a signature"); });
        watch.time(parse, [&] { must(qr::parseTransitCode(transit).has_value(), "a genuine code's form"); });
        watch.time(hit, [&] { must(warm.verify(transit, now, fareFen).has_value(), "a genuine code"); });
        const qr::CodeVerifier cold(issuer.anchors());
        watch.time(miss, [&] { must(cold.verify(transit, now, fareFen).has_value(), "a genuine code"); });
    }
    std::printf("proof of a transit code, %d rounds, microseconds\n  %-46s %8s %8s\n", rounds, "", "median",
                "p99");
    library.print("one SM2 verification, OpenSSL alone");
    ours.print("one SM2 verification, crypto::Sm2PublicKey");
    parse.print("parse 332 bytes");
    miss.print("parse and prove, certificate not seen before");
    hit.print("parse and prove, certificate in the cache");
    std::printf("  %-46s %8.2f\n", "ratio of the latter to one of OpenSSL's", hit.at(0.5) / library.at(0.5));
}

// A new holder with an easy frame each time: 332 bytes, 4 pixels a module, VGA, the preset "clean".
void measureRides(const sim::CodeIssuer& issuer, const hal::Clock& clock) {
    TerminalWorld world(clock);
    world.install("trust_anchors", issuer.anchorsBody());
    firmware::terminal::CodeIntake intake("code", {world.terminal(), world.pseudonymKey()});
    qr::SymbolReader reader(clock);
    Series symbol, decision, record;
    for (std::uint64_t round = 1; round <= rounds; ++round) {
        sim::TransitCodeSpec holder;
        const auto account = std::to_string(round);
        holder.cardAccount = std::string(20 - account.size(), '0') + account;
        const auto code = issuer.transitCode(holder, clock.now().wall).value();
        auto scene = sim::sceneOf(sim::Preset::clean, round);
        scene.pixelsPerModule = 4.0;
        const auto frame = sim::photograph(sim::renderSymbol(code, 1).value(), scene);
        const auto outcome = world.outcomeOf([&] {
            const auto taken = clock.now().monotonic;
            const auto symbols = reader.read(frame.frame());
            must(symbols.has_value(), "an easy frame");
            symbol.add(clock.now().monotonic - taken);
            intake.take({symbols->front().payload}, taken);
        });
        decision.add(outcome.toDecision);
        record.add(outcome.toCommit);
    }
    std::printf("a ride by transit code, easy 640x480 frames, %d rounds, microseconds\n  %-46s %8s %8s\n",
                rounds, "", "median", "p99");
    symbol.print("frame to payload");
    decision.print("frame to decision");
    record.print("frame to record on disk");
}

} // namespace

int main() {
    spdlog::set_level(spdlog::level::off); // a line for each round would be measured too
    try {
        const drivers::SystemClock clock;
        const auto issuer = sim::CodeIssuer::create().value();
        measureProof(issuer, clock);
        measureRides(issuer, clock);
        return 0;
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "bench_code: %s\n", exception.what());
        return 1;
    }
}
