// The V4L2 driver on the kernel's own test camera, the module vivid, which shows what it is told to and fails
// when it is told to (Documentation/admin-guide/media/vivid.rst). scripts/test-camera-kernel runs these.
#include "kernel_device.h"

#include <numeric>
#include <thread>

using namespace ykt;
using namespace ykt::test;
using drivers::v4l2::PixelFormat;

namespace {

// Items of the control "Test Pattern".
constexpr std::int32_t black = 5;
constexpr std::int32_t white = 6;
constexpr const char* dropped = "Percentage of Dropped Buffers";

std::optional<std::filesystem::path> vividCamera() {
    const auto device = firstCamera();
    if (device && KernelDevice(*device).driver() == "vivid")
        return device;
    WARN("skipped: the first camera is not vivid's");
    return std::nullopt;
}

struct Setup {
    explicit Setup(const std::filesystem::path& device) { settings.device = device; }
    drivers::v4l2::Camera& camera() {
        if (!made)
            made = std::make_unique<drivers::v4l2::Camera>(
                settings, clock, [this](const std::string& text) { told.push_back(text); });
        return *made;
    }
    hal::Frame frame() {
        const auto next = camera().nextFrame({}, soon);
        INFO((next ? std::string() : explain(next.error())));
        REQUIRE(next);
        REQUIRE(*next);
        return **next;
    }
    bool isGone() {
        const auto next = camera().nextFrame({}, soon);
        return !next && next.error() == Reason::camera_gone;
    }
    [[nodiscard]] bool wasTold(const std::string& part) const {
        return std::ranges::any_of(told,
                                   [&](const auto& text) { return text.find(part) != std::string::npos; });
    }

    const drivers::SystemClock clock;
    drivers::v4l2::Settings settings;
    std::vector<std::string> told;
    std::unique_ptr<drivers::v4l2::Camera> made;
};

int meanLuma(const hal::Frame& frame) {
    std::int64_t sum = 0;
    for (int y = 0; y < frame.height; ++y) {
        const auto* row = frame.luma + std::ptrdiff_t{y} * frame.stride;
        sum = std::accumulate(row, row + frame.width, sum);
    }
    return static_cast<int>(sum / (std::int64_t{frame.width} * frame.height));
}

} // namespace

TEST_CASE("what the camera of the kernel shows is what the frame says, in every format") {
    const auto device = vividCamera();
    if (!device)
        return;
    const KernelDevice vivid(*device);
    for (const auto format : {PixelFormat::grey, PixelFormat::nv12, PixelFormat::yuyv}) {
        Setup setup(*device);
        setup.settings.formats = {format};
        vivid.setControl("Test Pattern", white);
        const auto bright = meanLuma(setup.frame());
        setup.made.reset();
        vivid.setControl("Test Pattern", black);
        const auto dark = meanLuma(setup.frame());
        vivid.setControl("Test Pattern", 0);
        CHECK(bright > 200); // a line of text lies over the picture
        CHECK(dark < 50);
    }
}

TEST_CASE("format, size, rate and controls of the kernel's camera are the profile's") {
    const auto device = vividCamera();
    if (!device)
        return;
    const KernelDevice vivid(*device);
    vivid.setControl(V4L2_CID_AUTOGAIN, 1);
    Setup setup(*device);
    setup.settings.formats = {PixelFormat::mjpeg, PixelFormat::nv12, PixelFormat::grey};
    setup.settings.width = 1300;
    setup.settings.height = 700;
    setup.settings.frameRate = 10;
    setup.settings.controls.gain = 77;
    setup.settings.controls.focus = 3;
    const auto frame = setup.frame();
    CHECK(frame.width == 1280);
    CHECK(frame.height == 720);
    CHECK(vivid.format().pixelformat == V4L2_PIX_FMT_NV12);
    CHECK(vivid.framePeriod().denominator == 10 * vivid.framePeriod().numerator);
    CHECK(vivid.control(V4L2_CID_AUTOGAIN) == 0);
    CHECK(vivid.control(V4L2_CID_GAIN) == 77);
    CHECK(setup.wasTold("1280x720 is taken"));
    CHECK(setup.wasTold("no control for focus"));
    CHECK(setup.told.size() == 2);
}

TEST_CASE("after a pause the kernel's whole queue is passed over for a frame of now") {
    const auto device = vividCamera();
    if (!device)
        return;
    Setup setup(*device);
    const auto before = setup.frame().taken;
    constexpr Milliseconds pause{1000}; // of 25 frames, for four buffers
    std::this_thread::sleep_for(pause);
    CHECK(setup.frame().taken > before + pause);
    CHECK(setup.camera().drops().superseded == 3); // all but the one looked at
}

TEST_CASE("a camera of the kernel that is unplugged is gone, and used when it is there again") {
    const auto device = vividCamera();
    if (!device)
        return;
    Setup setup(*device);
    setup.frame();
    {
        const KernelDevice vivid(*device);
        vivid.press("Disconnect");
        CHECK(setup.isGone());
        CHECK(setup.isGone()); // as long as anybody has it open
        CHECK(setup.told.back().find("No such device") != std::string::npos);
    }
    setup.frame();
}

TEST_CASE("a fault of the kernel's driver costs a frame or an opening, never more") {
    const auto device = vividCamera();
    if (!device)
        return;
    const KernelDevice vivid(*device);
    Setup setup(*device);
    SECTION("a frame with an error is passed over") {
        setup.frame();
        vivid.press("Inject V4L2_BUF_FLAG_ERROR");
        for (int calls = 0; setup.camera().drops().flagged == 0 && calls < 10; ++calls)
            REQUIRE(setup.camera().nextFrame({}, soon)); // none, where the bad one came alone
        CHECK(setup.camera().drops().flagged == 1);
        setup.frame();
    }
    for (const std::string button : {"Inject VIDIOC_REQBUFS Error", "Inject VIDIOC_STREAMON Error"})
        SECTION("while it is opened: " + button) {
            vivid.press(button);
            CHECK(setup.isGone());
            setup.frame();
        }
    for (const std::string button : {"Inject VIDIOC_QBUF Error", "Inject Fatal Streaming Error"})
        SECTION("while it streams: " + button) {
            setup.frame();
            vivid.press(button);
            CHECK(setup.isGone());
            setup.frame();
        }
}

TEST_CASE("a camera of the kernel that has stopped to give frames is restarted, and can be stopped") {
    const auto device = vividCamera();
    if (!device)
        return;
    const KernelDevice vivid(*device);
    Setup setup(*device);
    setup.frame();
    vivid.setControl(dropped, 100);
    SECTION("restarted") {
        for (int calls = 0; !setup.wasTold("restarted") && calls < 10; ++calls) {
            const auto none = setup.camera().nextFrame({}, Milliseconds{500});
            REQUIRE(none);
            CHECK_FALSE(*none);
        }
        CHECK(setup.wasTold("restarted"));
        vivid.setControl(dropped, 0);
        setup.frame();
    }
    SECTION("stopped") {
        Result<std::optional<hal::Frame>> ended;
        std::jthread waiting([&](const std::stop_token& stop) {
            ended = setup.camera().nextFrame(stop, std::chrono::hours{1});
        });
        waiting.request_stop();
        waiting.join();
        vivid.setControl(dropped, 0);
        REQUIRE_FALSE(ended);
        CHECK(ended.error() == Reason::cancelled);
    }
}

TEST_CASE(
    "a camera of the kernel that another program uses is gone until it is free, and is said to be in use") {
    const auto device = vividCamera();
    if (!device)
        return;
    Setup first(*device);
    first.frame();
    Setup second(*device);
    CHECK(second.isGone());
    CHECK(second.wasTold("busy"));
    first.frame();
    first.made.reset();
    second.frame();
}
