// A scan engine's line: whatever noise came before, a payload is never empty or too long, and after a pause a
// well-formed frame is read as it was sent.
#include "base/base64.h"
#include "base/hex.h"
#include "drivers/serial/framing.h"
#include "fuzz/fuzz.h"

using namespace ykt;
using namespace ykt::drivers::serial;

namespace {

FrameSettings settingsOf(ByteView choice) {
    FrameSettings settings;
    if (choice.size() < 2)
        return settings;
    settings.framing = static_cast<Framing>(choice[0] % 3);
    settings.encoding = static_cast<Encoding>(choice[0] / 3 % 3);
    settings.aimPrefix = (choice[0] & 0x80) != 0;
    settings.lengthBytes = 1 + (choice[1] & 1U);
    settings.bigEndian = (choice[1] & 2) != 0;
    if ((choice[1] & 4) != 0)
        settings.suffix = {'\r', '\n'};
    if ((choice[1] & 8) != 0)
        settings.suffix = {'a', 'b', 'a', 'c'}; // begins again within itself
    return settings;
}

Bytes framed(ByteView payload, const FrameSettings& settings) {
    Bytes content = settings.encoding == Encoding::hex      ? toBytes(toHex(payload))
                    : settings.encoding == Encoding::base64 ? toBytes(toBase64(payload))
                                                            : Bytes(payload.begin(), payload.end());
    if (settings.aimPrefix)
        content = concat({asBytes("]Q1"), content});
    if (settings.framing == Framing::suffix)
        return concat({content, settings.suffix});
    if (settings.framing == Framing::stx_etx)
        return concat({Bytes{0x02}, content, Bytes{0x03}});
    Bytes length;
    appendBigEndian(length, content.size(), settings.lengthBytes);
    if (!settings.bigEndian)
        std::reverse(length.begin(), length.end());
    return concat({length, content});
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto settings = settingsOf(fuzz::take(input, 2));
    FrameReader reader(settings);
    for (const auto byte : input) {
        if (const auto payload = reader.feed(byte))
            fuzz::hold(!payload->empty() && payload->size() <= longestPayload && !reader.midFrame());
        if (byte == 0xFE) // as good a pause as any
            reader.pause();
    }
    reader.pause();
    fuzz::hold(!reader.midFrame());

    const Bytes payload{0x81, 'x', 0xFF};
    std::optional<Bytes> read;
    for (const auto byte : framed(payload, settings)) {
        fuzz::hold(!read);
        read = reader.feed(byte);
    }
    fuzz::hold(read == payload);
}
