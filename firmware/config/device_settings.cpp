#include "firmware/config/device_settings.h"

#include "firmware/config/forms.h"

#include <algorithm>
#include <array>

namespace ykt::firmware::config {
namespace {

namespace serial = drivers::serial;
using drivers::v4l2::PixelFormat;

constexpr std::array<std::int64_t, 8> kBauds{9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600};

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, text) != names.end();
}

const Form cameraDriver{[](std::string_view text) {
                            return isOneOf(text, {"folder", "v4l2"});
                        },
                        "\"folder\" or \"v4l2\""};
const Form scannerDriver{[](std::string_view text) { return text == "serial"; }, "\"serial\""};
const Form device{[](std::string_view text) { return text.starts_with('/'); },
                  "an absolute path: one that udev gives by the device's name keeps on any port"};
const Form pixelFormat{[](std::string_view text) {
                           return isOneOf(text, {"grey", "nv12", "yuyv", "mjpeg"});
                       },
                       R"("grey", "nv12", "yuyv" or "mjpeg")"};
const Form parity{[](std::string_view text) {
                      return isOneOf(text, {"none", "even", "odd"});
                  },
                  R"("none", "even" or "odd")"};
const Form flowControl{[](std::string_view text) {
                           return isOneOf(text, {"none", "hardware", "software"});
                       },
                       R"("none", "hardware" or "software")"};
const Form framing{[](std::string_view text) {
                       return isOneOf(text, {"suffix", "stx_etx", "length"});
                   },
                   R"("suffix", "stx_etx" or "length")"};
const Form suffix{[](std::string_view text) { return !text.empty() && text.size() <= 8; },
                  R"(1 to 8 bytes, as "\r" or "\r\n")"};
const Form byteOrder{[](std::string_view text) {
                         return isOneOf(text, {"big", "little"});
                     },
                     R"("big" or "little")"};
const Form encoding{[](std::string_view text) {
                        return isOneOf(text, {"raw", "hex", "base64"});
                    },
                    R"("raw", "hex" or "base64")"};

template <typename Number>
void readNumber(TableReader& table, const std::string& key, std::int64_t least, std::int64_t most,
                Number& into) {
    if (table.given(key))
        into = static_cast<Number>(table.integer(key, least, most));
}

void readControl(TableReader& table, const std::string& key, std::optional<std::int32_t>& into) {
    if (table.given(key))
        into = static_cast<std::int32_t>(table.integer(key, INT32_MIN, INT32_MAX));
}

drivers::v4l2::Controls readControls(TableReader table) {
    drivers::v4l2::Controls controls;
    readControl(table, "exposure_100us", controls.exposure100us);
    readControl(table, "gain", controls.gain);
    readControl(table, "focus", controls.focus);
    readControl(table, "white_balance_k", controls.whiteBalance);
    if (table.given("power_line_hz")) {
        const auto hertz = table.integer("power_line_hz", 0, 60);
        if (hertz != 0 && hertz != 50 && hertz != 60)
            table.complain("power_line_hz", "no frequency of mains; give 0 (no filter), 50 or 60");
        controls.powerLineHertz = static_cast<std::int32_t>(hertz);
    }
    table.close();
    return controls;
}

PixelFormat pixelFormatFrom(std::string_view name) {
    return name == "grey"   ? PixelFormat::grey
           : name == "nv12" ? PixelFormat::nv12
           : name == "yuyv" ? PixelFormat::yuyv
                            : PixelFormat::mjpeg;
}

drivers::v4l2::Settings readV4l2(TableReader& table) {
    drivers::v4l2::Settings camera;
    camera.device = table.text("device", device);
    readNumber(table, "width", 16, 8192, camera.width);
    readNumber(table, "height", 16, 8192, camera.height);
    readNumber(table, "frame_rate", 1, 240, camera.frameRate);
    if (table.given("formats")) {
        camera.formats.clear();
        for (const auto& name : table.texts("formats", pixelFormat))
            camera.formats.push_back(pixelFormatFrom(name));
    }
    if (table.given("controls"))
        camera.controls = readControls(table.table("controls"));
    return camera;
}

serial::LineSettings readLine(TableReader& table) {
    serial::LineSettings line;
    readNumber(table, "baud", kBauds.front(), kBauds.back(), line.baud);
    if (std::ranges::find(kBauds, line.baud) == kBauds.end())
        table.complain("baud",
                       "no usual rate; give 9600, 19200, 38400, 57600, 115200, 230400, 460800 or 921600");
    readNumber(table, "data_bits", 7, 8, line.dataBits);
    readNumber(table, "stop_bits", 1, 2, line.stopBits);
    if (table.given("parity")) {
        const auto name = table.text("parity", parity);
        line.parity = name == "even"  ? serial::Parity::even
                      : name == "odd" ? serial::Parity::odd
                                      : serial::Parity::none;
    }
    if (table.given("flow_control")) {
        const auto name = table.text("flow_control", flowControl);
        line.flowControl = name == "hardware"   ? serial::FlowControl::hardware
                           : name == "software" ? serial::FlowControl::software
                                                : serial::FlowControl::none;
    }
    return line;
}

// What belongs to another framing is an unknown setting.
serial::FrameSettings readFrames(TableReader& table) {
    serial::FrameSettings frames;
    const auto kind = table.text("framing", framing);
    if (kind == "suffix") {
        frames.suffix = toBytes(table.text("suffix", suffix));
    } else if (kind == "stx_etx") {
        frames.framing = serial::Framing::stx_etx;
    } else if (kind == "length") {
        frames.framing = serial::Framing::length;
        frames.lengthBytes = static_cast<unsigned>(table.integer("length_bytes", 1, 2));
        if (frames.lengthBytes == 2)
            frames.bigEndian = table.text("length_order", byteOrder) == "big";
    }
    if (table.given("aim_prefix"))
        frames.aimPrefix = table.boolean("aim_prefix");
    if (table.given("encoding")) {
        const auto name = table.text("encoding", encoding);
        frames.encoding = name == "hex"      ? serial::Encoding::hex
                          : name == "base64" ? serial::Encoding::base64
                                             : serial::Encoding::raw;
    }
    return frames;
}

} // namespace

CameraSettings readCamera(TableReader table) {
    CameraSettings camera;
    const auto driver = table.text("driver", cameraDriver);
    if (driver == "folder")
        camera = FolderCameraSettings{table.path("path")};
    else if (driver == "v4l2")
        camera = readV4l2(table);
    if (!driver.empty())
        table.close();
    return camera;
}

ScannerSettings readScanner(TableReader table) {
    table.text("driver", scannerDriver);
    ScannerSettings scanner;
    scanner.device = table.text("device", device);
    scanner.line = readLine(table);
    scanner.frames = readFrames(table);
    table.close();
    return scanner;
}

} // namespace ykt::firmware::config
