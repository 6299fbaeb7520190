#include "offline_store/packing.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <zlib.h>

namespace ykt::offline_store {

namespace {

// The first byte: how the rest is packed. A number that was released keeps its meaning and its dictionary.
constexpr std::uint8_t asItIs = 0;
constexpr std::uint8_t deflatedWithDictionary1 = 1; // then the payload's length in two bytes, big-endian
constexpr std::size_t deflatedHead = 3;
constexpr std::size_t longestDeflated = std::numeric_limits<std::uint16_t>::max();

// Filled up to the shortest and else to a multiple of the block: what is sealed shows its length, and a
// packed ride's would show the holder's class.
constexpr std::size_t shortest = 128;
constexpr std::size_t blockSize = 32;
constexpr std::uint8_t fillMark = 0x80; // then zeros, as ISO/IEC 7816-4 does

// 4 KiB of window hold dictionary and payload. zlib's memory is made anew for each payload: of this size it
// takes 8 us in all, of the default one 50.
constexpr int windowBits = -12; // negative: no zlib header and no checksum, the seal being one
constexpr int memoryLevel = 4;

// What the payloads of firmware/terminal have in common, in the order of their fields; what comes most often
// last.
constexpr std::string_view dictionary1 =
    R"({"reason":"unseal_failed","record":"NX-BUS-0001-1-{"id":"directive","kind":"catalogue"{"seconds":)"
    R"("pharmacy.""hospital.""library.""museum."self_employedresident"social_security_number_masked":"name":")"
    R"(card_not_genuine"blocked"code_expired"already_used"repeated_too_soon"bad_user_signature"not_registered")"
    R"("deferral_limit"not_entitled"balance_insufficient"revoked"electronic_card_code"legacy_card"fusion_code")"
    R"("deferred":{"request_id":"","token":""stale":true,"region_rules":1,"fare_tables":1)"
    R"({"assurance":"presented"{"lane":"card-1","lists":{"catalogue":1,"revocation":1},"medium":"legacy_card",)"
    R"("reason":"refused","said_by":"medium","service":"","said_by":"rules","service":"bus.ride","verdict":"refused"})"
    R"("student"{"assurance":"read"{"assurance":"authenticated","disclosed":{"holder_class":"unknown"},)"
    R"("lane":"code-1","lists":{"age_s":0,"catalogue":1,"revocation":1},"medium":"transit_code","medium_id":")"
    R"("medium":"transit_purse","medium_id":"","purse":{"amount_fen":200,"counter":1,"debited":true,)"
    R"("evidence":"answer","issuer":"","serial":"","tac":"","terminal":"","terminal_sequence":"","time":"20",)"
    R"("type":6},"region":"640100",)"
    R"({"admitted":true,"assurance":"authenticated","disclosed":{"holder_class":"adult"},"fare_fen":0,"holder_class":"senior",)"
    R"("fare_fen":200,"holder_class":"adult","lane":"card-1","lists":{"age_s":0,"catalogue":1,"revocation":1},)"
    R"("medium":"social_security_card","medium_id":"640100d156000005","region":"640100","service":"bus.ride",)"
    R"("subject":"","verdict":"accepted"})";

const Bytef* dictionary() {
    return reinterpret_cast<const Bytef*>(dictionary1.data());
}

template <int (*end)(z_stream*)>
struct Stream {
    z_stream z{};
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { end(&z); } // harmless where it was not begun

    void set(ByteView from, std::span<std::uint8_t> to) {
        z.next_in = const_cast<Bytef*>(from.data()); // NOLINT: zlib only reads it
        z.avail_in = static_cast<uInt>(from.size());
        z.next_out = to.data();
        z.avail_out = static_cast<uInt>(to.size());
    }
};

// How many bytes of `to` it became; none: it does not fit there, or there is no memory for it.
std::size_t deflateInto(std::span<std::uint8_t> to, ByteView payload) {
    Stream<deflateEnd> stream;
    if (deflateInit2(&stream.z, Z_BEST_COMPRESSION, Z_DEFLATED, windowBits, memoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK ||
        deflateSetDictionary(&stream.z, dictionary(), static_cast<uInt>(dictionary1.size())) != Z_OK)
        return 0;
    stream.set(payload, to);
    return deflate(&stream.z, Z_FINISH) == Z_STREAM_END ? to.size() - stream.z.avail_out : 0;
}

// Want of memory is no damage.
void need(bool memory) {
    if (!memory)
        throw std::bad_alloc();
}

// Whether `deflated`, all of it, is exactly `to`.
bool inflateInto(std::span<std::uint8_t> to, ByteView deflated) {
    Stream<inflateEnd> stream;
    need(inflateInit2(&stream.z, windowBits) == Z_OK);
    need(inflateSetDictionary(&stream.z, dictionary(), static_cast<uInt>(dictionary1.size())) == Z_OK);
    stream.set(deflated, to);
    const int ended = inflate(&stream.z, Z_FINISH);
    need(ended != Z_MEM_ERROR);
    return ended == Z_STREAM_END && stream.z.avail_in == 0 && stream.z.avail_out == 0;
}

// Deflated with its head, or empty where that is not smaller.
Bytes deflated(ByteView payload) {
    if (payload.size() <= deflatedHead || payload.size() > longestDeflated)
        return {};
    Bytes smaller(payload.size());
    const auto size = deflateInto(std::span(smaller).subspan(deflatedHead), payload);
    if (size == 0)
        return {};
    smaller[0] = deflatedWithDictionary1;
    smaller[1] = static_cast<std::uint8_t>(payload.size() >> 8);
    smaller[2] = static_cast<std::uint8_t>(payload.size());
    smaller.resize(deflatedHead + size);
    return smaller;
}

Bytes filled(Bytes bytes) {
    bytes.push_back(fillMark);
    bytes.resize(std::max(shortest, (bytes.size() + blockSize - 1) / blockSize * blockSize));
    return bytes;
}

// What was filled; empty where nothing was.
ByteView withoutFilling(ByteView bytes) {
    if (bytes.size() < shortest || bytes.size() % blockSize != 0)
        return {};
    while (!bytes.empty() && bytes.back() == 0)
        bytes = bytes.first(bytes.size() - 1);
    return bytes.empty() || bytes.back() != fillMark ? ByteView() : bytes.first(bytes.size() - 1);
}

} // namespace

Bytes pack(ByteView payload) {
    auto packed = deflated(payload);
    if (packed.empty())
        packed = concat({Bytes{asItIs}, payload});
    return filled(std::move(packed));
}

Result<Bytes> unpack(ByteView filled) {
    const auto packed = withoutFilling(filled);
    if (!packed.empty() && packed[0] == asItIs)
        return Bytes(packed.begin() + 1, packed.end());
    if (packed.size() < deflatedHead || packed[0] != deflatedWithDictionary1)
        return fail(Reason::store_corrupt, "its packing");
    Bytes payload(static_cast<std::size_t>(packed[1] << 8 | packed[2]));
    if (!inflateInto(payload, packed.subspan(deflatedHead)))
        return fail(Reason::store_corrupt, "its packing");
    return payload;
}

} // namespace ykt::offline_store
