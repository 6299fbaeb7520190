// What a profile says about one serial scan engine.
#pragma once

#include "base/bytes.h"

#include <filesystem>

namespace ykt::drivers::serial {

enum class Parity { none, even, odd };
enum class FlowControl { none, hardware, software }; // hardware: RTS/CTS; software: XON/XOFF

struct LineSettings {
    unsigned baud = 9600;  // 9600, 19200, 38400, 57600, 115200, 230400, 460800 or 921600
    unsigned dataBits = 8; // 7 or 8
    unsigned stopBits = 1; // 1 or 2
    Parity parity = Parity::none;
    FlowControl flowControl = FlowControl::none;
};

// How the engine marks where a payload ends. Only a length lets it hold any byte: a raw payload that holds
// the suffix, STX or ETX is cut there, so binary codes need Framing::length, or hexadecimal or Base64.
enum class Framing {
    suffix,  // payload, suffix
    stx_etx, // 02, payload, 03
    length,  // length of the payload, payload
};

enum class Encoding { raw, hex, base64 };

struct FrameSettings {
    Framing framing = Framing::suffix;
    Bytes suffix{'\r'};
    unsigned lengthBytes = 2; // 1 or 2
    bool bigEndian = true;    // of the length
    // Whether payloads are preceded by the symbology identifier of AIM: "]Q1", a QR code. Others are refused.
    bool aimPrefix = false;
    Encoding encoding = Encoding::raw; // of what follows the prefix
};

struct Settings {
    std::filesystem::path device; // /dev/serial/by-id/... names the same engine on any port
    LineSettings line;
    FrameSettings frames;
};

} // namespace ykt::drivers::serial
