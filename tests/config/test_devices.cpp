#include "firmware/config/settings.h"
#include "tests/config/profile_folder.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using Catch::Matchers::Contains;
using drivers::v4l2::PixelFormat;

namespace {

constexpr auto kFolder =
    "driver = \"folder\"\npath = \"frames\" # images put here are seen in the order of their names\n";

Result<config::Settings> loadWith(const std::string& devices) {
    const ProfileFolder folder;
    folder.change("gate.toml", std::string("[[cameras]]\n") + kFolder, devices);
    return config::load(folder.at("gate.toml"));
}

config::Settings loaded(const std::string& devices) {
    auto settings = loadWith(devices);
    INFO((settings ? std::string("loaded") : explain(settings.error())));
    REQUIRE(settings);
    return std::move(*settings);
}

std::string complaint(const std::string& devices) {
    const auto settings = loadWith(devices);
    REQUIRE_FALSE(settings);
    CHECK(settings.error() == Reason::config_value);
    CHECK(settings.error().context.find('\n') == std::string::npos);
    return settings.error().context;
}

std::string camera(const std::string& rest = {}) {
    return "[[cameras]]\ndriver = \"v4l2\"\ndevice = \"/dev/video0\"\n" + rest + "\n";
}
std::string scanner(const std::string& rest) {
    return "[[scanners]]\ndriver = \"serial\"\ndevice = \"/dev/ttyUSB0\"\n" + rest + "\n";
}

} // namespace

TEST_CASE("a V4L2 camera needs its device only") {
    const auto settings = loaded(camera());
    REQUIRE(settings.cameras.size() == 1);
    const auto& device = std::get<drivers::v4l2::Settings>(settings.cameras[0]);
    CHECK(device.device == "/dev/video0");
    CHECK(device.width == 640);
    CHECK(device.height == 480);
    CHECK(device.frameRate == 30);
    CHECK(device.formats ==
          std::vector{PixelFormat::grey, PixelFormat::nv12, PixelFormat::yuyv, PixelFormat::mjpeg});
    CHECK_FALSE(device.controls.exposure100us);
    CHECK_FALSE(device.controls.powerLineHertz);
}

TEST_CASE("size, rate, formats and controls of a V4L2 camera are the profile's") {
    const auto settings =
        loaded(camera("width = 1280\nheight = 720\nframe_rate = 60\nformats = [\"mjpeg\", \"yuyv\"]\n"
                      "controls = { exposure_100us = 80, gain = -3, focus = 40, white_balance_k = 4600, "
                      "power_line_hz = 50 }"));
    const auto& device = std::get<drivers::v4l2::Settings>(settings.cameras.at(0));
    CHECK(device.width == 1280);
    CHECK(device.height == 720);
    CHECK(device.frameRate == 60);
    CHECK(device.formats == std::vector{PixelFormat::mjpeg, PixelFormat::yuyv});
    CHECK(device.controls.exposure100us == 80);
    CHECK(device.controls.gain == -3);
    CHECK(device.controls.focus == 40);
    CHECK(device.controls.whiteBalance == 4600);
    CHECK(device.controls.powerLineHertz == 50);
}

TEST_CASE("a scan engine is enough for a terminal, and needs device and framing") {
    const ProfileFolder folder;
    auto text = folder.text("gate.toml");
    const auto readers = text.find("[readers]");
    folder.write("scanner.toml", text.substr(0, readers) + scanner("framing = \"suffix\"\nsuffix = \"\\r\"") +
                                     text.substr(text.find("[actuators]")));
    const auto settings = config::load(folder.at("scanner.toml"));
    REQUIRE(settings);
    REQUIRE(settings->scanners.size() == 1);
    const auto& engine = settings->scanners[0];
    CHECK(engine.device == "/dev/ttyUSB0");
    CHECK(engine.line.baud == 9600);
    CHECK(engine.line.dataBits == 8);
    CHECK(engine.frames.suffix == toBytes("\r"));
    CHECK_FALSE(engine.frames.aimPrefix);
    CHECK(engine.frames.encoding == drivers::serial::Encoding::raw);
}

TEST_CASE("line and framing of a scan engine are the profile's") {
    namespace serial = drivers::serial;
    const auto settings = loaded(
        scanner(
            "baud = 115200\ndata_bits = 7\nstop_bits = 2\nparity = \"even\"\nflow_control = \"hardware\"\n"
            "framing = \"stx_etx\"\naim_prefix = true\nencoding = \"hex\"") +
        scanner("parity = \"odd\"\nflow_control = \"software\"\nframing = \"length\"\nlength_bytes = 2\n"
                "length_order = \"little\"\nencoding = \"base64\"") +
        scanner("framing = \"length\"\nlength_bytes = 1"));
    const auto& first = settings.scanners.at(0);
    CHECK(first.line.baud == 115200);
    CHECK(first.line.dataBits == 7);
    CHECK(first.line.stopBits == 2);
    CHECK(first.line.parity == serial::Parity::even);
    CHECK(first.line.flowControl == serial::FlowControl::hardware);
    CHECK(first.frames.framing == serial::Framing::stx_etx);
    CHECK(first.frames.aimPrefix);
    CHECK(first.frames.encoding == serial::Encoding::hex);
    const auto& second = settings.scanners.at(1);
    CHECK(second.line.parity == serial::Parity::odd);
    CHECK(second.line.flowControl == serial::FlowControl::software);
    CHECK(second.frames.framing == serial::Framing::length);
    CHECK(second.frames.lengthBytes == 2);
    CHECK_FALSE(second.frames.bigEndian);
    CHECK(second.frames.encoding == serial::Encoding::base64);
    CHECK(settings.scanners.at(2).frames.lengthBytes == 1);
}

TEST_CASE("what is wrong with a camera or a scan engine is told with its remedy") {
    CHECK_THAT(complaint("[[cameras]]\ndriver = \"v4l2\"\n"), Contains("cameras[0].device: missing"));
    CHECK_THAT(complaint("[[cameras]]\ndriver = \"v4l2\"\ndevice = \"video0\"\n"),
               Contains("cameras[0].device: not of the right form; give an absolute path"));
    CHECK_THAT(complaint(camera("path = \"frames\"")), Contains("cameras[0].path: unknown setting"));
    CHECK_THAT(complaint(camera("width = 15")), Contains("cameras[0].width: not a number in range"));
    CHECK_THAT(complaint(camera("frame_rate = 0")), Contains("cameras[0].frame_rate: not a number in range"));
    CHECK_THAT(complaint(camera("formats = [\"rgb\"]")), Contains("cameras[0].formats[0]: not of the right"));
    CHECK_THAT(complaint(camera("formats = []")), Contains("cameras[0].formats: not a list, or an empty"));
    CHECK_THAT(complaint(camera("controls = { zoom = 1 }")),
               Contains("cameras[0].controls.zoom: unknown setting"));
    CHECK_THAT(complaint(camera("controls = { power_line_hz = 55 }")),
               Contains("cameras[0].controls.power_line_hz: no frequency of mains; give 0"));
    CHECK_THAT(complaint(scanner("")), Contains("scanners[0].framing: missing"));
    CHECK_THAT(complaint(scanner("framing = \"suffix\"")), Contains("scanners[0].suffix: missing"));
    CHECK_THAT(complaint(scanner("framing = \"suffix\"\nsuffix = \"\"")),
               Contains("scanners[0].suffix: not of the right form; give 1 to 8 bytes"));
    CHECK_THAT(complaint(scanner("framing = \"stx_etx\"\nsuffix = \"\\r\"")),
               Contains("scanners[0].suffix: unknown setting"));
    CHECK_THAT(complaint(scanner("framing = \"length\"\nlength_bytes = 3")),
               Contains("scanners[0].length_bytes: not a number in range"));
    CHECK_THAT(complaint(scanner("framing = \"length\"\nlength_bytes = 2")),
               Contains("scanners[0].length_order: missing"));
    CHECK_THAT(complaint(scanner("framing = \"stx_etx\"\nbaud = 14400")),
               Contains("scanners[0].baud: no usual rate; give 9600"));
    CHECK_THAT(complaint(scanner("framing = \"stx_etx\"\nparity = \"mark\"")),
               Contains("scanners[0].parity: not of the right form"));
}
