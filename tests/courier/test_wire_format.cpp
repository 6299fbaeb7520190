#include "firmware/courier/wire_format.h"

#include "base/base64.h"
#include "base/hex.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

offline_store::Record record(std::uint64_t sequence, std::string kind, Bytes payload) {
    offline_store::Record made;
    made.id = {"NX-\"1\"\\\n\x01", 7, sequence};
    made.recordClass = offline_store::RecordClass::access;
    made.kind = std::move(kind);
    made.written.wall = wallFromUnixMilliseconds(-1);
    made.written.monotonic = MonotonicTime{std::chrono::nanoseconds{1}};
    made.written.boot.fill(0xB0);
    made.written.trust = TimeTrust::holdover;
    made.payload = std::move(payload);
    made.salt.fill(1);
    made.payloadDigest.fill(2);
    made.previous.fill(3);
    made.hash.fill(0xff);
    return made;
}

} // namespace

TEST_CASE("a batch is the documented JSON, whatever stands in it") {
    const auto greatest = std::numeric_limits<std::uint64_t>::max();
    const std::vector batch{record(1, "ride", toBytes(R"({"fare":100})")),
                            record(greatest, "门\t\"\\\x1f", {})};
    const auto json = nlohmann::json::parse(formatBatch(batch));
    CHECK(json.size() == 3);
    CHECK(json.at("terminal") == batch[0].id.terminal);
    CHECK(json.at("epoch") == 7);
    REQUIRE(json.at("records").size() == 2);
    for (std::size_t i = 0; i < 2; ++i)
        CHECK(json.at("records")[i] == nlohmann::json{{"sequence", batch[i].id.sequence},
                                                      {"class", "access"},
                                                      {"kind", batch[i].kind},
                                                      {"wall_ms", -1},
                                                      {"monotonic_ns", 1},
                                                      {"boot", toHex(batch[i].written.boot)},
                                                      {"trust", "holdover"},
                                                      {"salt", toHex(batch[i].salt)},
                                                      {"payload", toBase64(batch[i].payload)},
                                                      {"payload_digest", toHex(batch[i].payloadDigest)},
                                                      {"previous", toHex(batch[i].previous)},
                                                      {"hash", toHex(batch[i].hash)}});
}
