#include "base/base64.h"
#include "base/hex.h"
#include "drivers/serial/framing.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::drivers::serial;

namespace {

using Payloads = std::vector<Bytes>;

Payloads feed(FrameReader& reader, ByteView bytes) {
    Payloads payloads;
    for (const auto byte : bytes)
        if (auto payload = reader.feed(byte))
            payloads.push_back(std::move(*payload));
    return payloads;
}
Payloads feed(FrameReader& reader, std::string_view text) {
    return feed(reader, asBytes(text));
}
Payloads texts(std::initializer_list<std::string_view> wanted) {
    Payloads payloads;
    for (const auto text : wanted)
        payloads.push_back(toBytes(text));
    return payloads;
}

FrameSettings suffixed(std::string_view suffix) {
    FrameSettings settings;
    settings.suffix = toBytes(suffix);
    return settings;
}
FrameSettings enclosed() {
    FrameSettings settings;
    settings.framing = Framing::stx_etx;
    return settings;
}
FrameSettings counted(unsigned lengthBytes, bool bigEndian) {
    FrameSettings settings;
    settings.framing = Framing::length;
    settings.lengthBytes = lengthBytes;
    settings.bigEndian = bigEndian;
    return settings;
}

} // namespace

TEST_CASE("a suffix ends a payload, and nothing between two suffixes is none") {
    FrameReader cr(suffixed("\r"));
    CHECK(feed(cr, "one\rtwo\r\r\rthr") == texts({"one", "two"}));
    CHECK(cr.midFrame());
    CHECK(feed(cr, "ee\r") == texts({"three"}));
    CHECK_FALSE(cr.midFrame());
    FrameReader crlf(suffixed("\r\n"));
    CHECK(feed(crlf, "a\rb\r\r\n\r\nc\r\n") == texts({"a\rb\r", "c"}));
}

TEST_CASE("STX and ETX enclose a payload; what is outside is noise, and a second STX begins anew") {
    FrameReader reader(enclosed());
    CHECK(feed(reader, "noise\x02one\x03\x03more\x02two\x03") == texts({"one", "two"}));
    CHECK(reader.discards().noise == 5 + 1 + 4);
    CHECK(feed(reader, "\x02lost its end\x02three\x03") == texts({"three"}));
    CHECK(reader.discards().halves == 1);
    CHECK(feed(reader, "\x02\x03").empty());
    CHECK(reader.discards().refused == 0);
}

TEST_CASE("a length of one or two bytes, in either order, lets a payload hold any byte") {
    const Bytes payload{0x0D, 0x02, 0x00, 0x03, 0xFF};
    FrameReader one(counted(1, true));
    CHECK(feed(one, concat({ByteArray<1>{5}, payload, ByteArray<1>{0}, ByteArray<2>{1, 7}})) ==
          Payloads{payload, Bytes{7}});
    FrameReader big(counted(2, true));
    CHECK(feed(big, concat({ByteArray<2>{0, 5}, payload, ByteArray<2>{0, 0}})) == Payloads{payload});
    FrameReader little(counted(2, false));
    const Bytes long300(300, 0xAA);
    CHECK(feed(little, concat({ByteArray<2>{0x2C, 0x01}, long300, ByteArray<2>{5, 0}, payload})) ==
          Payloads{long300, payload});
}

TEST_CASE("a pause ends a half frame, and the next one begins with the next byte") {
    FrameReader suffix(suffixed("\r"));
    feed(suffix, "half");
    suffix.pause();
    suffix.pause();
    CHECK(suffix.discards().halves == 1);
    CHECK(feed(suffix, "whole\r") == texts({"whole"}));
    FrameReader length(counted(2, true));
    feed(length, Bytes{0, 9, 1, 2});
    length.pause();
    CHECK(feed(length, Bytes{0, 1, 7}) == Payloads{Bytes{7}});
    CHECK(length.discards().halves == 1);
    FrameReader stx(enclosed());
    feed(stx, "\x02half");
    stx.pause();
    CHECK(feed(stx, "rest\x03\x02whole\x03") == texts({"whole"}));
}

TEST_CASE("the longest payload is read, a longer one is dropped whole") {
    const std::string longest(longestPayload, 'x');
    FrameReader suffix(suffixed("\r\n"));
    CHECK(feed(suffix, longest + "\r\n") == texts({longest}));
    CHECK(feed(suffix, longest + "x\r\nnext\r\n") == texts({"next"}));
    CHECK(feed(suffix, longest + longest + longest + "\r\nnext\r\n") == texts({"next"}));
    CHECK(suffix.discards().overlong == 2);

    FrameReader stx(enclosed());
    CHECK(feed(stx, "\x02" + longest + "\x03") == texts({longest}));
    CHECK(feed(stx, "\x02" + longest + "x\x03\x02next\x03") == texts({"next"}));
    CHECK(feed(stx, "\x02" + longest + "xx\x02next\x03") == texts({"next"}));
    CHECK(stx.discards().overlong == 2);

    FrameReader length(counted(2, true));
    Bytes frame;
    appendBigEndian(frame, longestPayload, 2);
    CHECK(feed(length, concat({frame, asBytes(longest)})) == texts({longest}));
    frame.clear();
    appendBigEndian(frame, longestPayload + 1, 2);
    CHECK(feed(length, concat({frame, asBytes(longest), Bytes{'x', 0, 1, 7}})).empty()); // no telling where
    CHECK(length.discards().overlong == 1);
    length.pause();
    CHECK(feed(length, Bytes{0, 1, 7}) == Payloads{Bytes{7}});
    CHECK(length.discards().halves == 0);
}

TEST_CASE("hexadecimal and Base64 payloads are decoded, and refused where they are neither") {
    const Bytes payload{0x81, 0x0D, 0x02, 0x03, 0xFF};
    auto settings = suffixed("\r");
    settings.encoding = Encoding::hex;
    FrameReader hex(settings);
    CHECK(feed(hex, toHex(payload) + "\r810D0203FF\r810\rxx\r") == Payloads{payload, payload});
    CHECK(hex.discards().refused == 2);
    settings.encoding = Encoding::base64;
    FrameReader base64(settings);
    CHECK(feed(base64, toBase64(payload) + "\r!!!!\r") == Payloads{payload});
    CHECK(base64.discards().refused == 1);

    const Bytes longest(longestPayload, 0xA5);
    const Bytes longer(longestPayload + 1, 0xA5);
    CHECK(feed(hex, toHex(longest) + "\r") == Payloads{longest});
    CHECK(feed(hex, toHex(longer) + "\r").empty());
    CHECK(hex.discards().overlong == 1);
    CHECK(feed(base64, toBase64(longest) + "\r") == Payloads{longest});
    CHECK(feed(base64, toBase64(longer) + "\r").empty());
}

TEST_CASE("with AIM's prefix only QR codes pass, and without that setting it is part of the payload") {
    auto settings = suffixed("\r");
    FrameReader plain(settings);
    CHECK(feed(plain, "]Q1code\r") == texts({"]Q1code"}));
    settings.aimPrefix = true;
    FrameReader prefixed(settings);
    CHECK(feed(prefixed, "]Q1code\r") == texts({"code"}));
    CHECK(feed(prefixed, "]C1linear\r]Q2escaped\r]E0123\rcode\r]Q1\r]Q\r").empty());
    CHECK(prefixed.discards().refused == 6);
    CHECK(feed(prefixed, "]Q1" + std::string(longestPayload, 'x') + "\r").size() == 1);
    settings.encoding = Encoding::hex;
    FrameReader both(settings);
    CHECK(feed(both, "]Q1c0de\r") == Payloads{Bytes{0xC0, 0xDE}});
}
