#include "camera_setup.h"

#include <turbojpeg.h>

using namespace ykt;
using namespace ykt::test;

TEST_CASE("a frame of GREY is the kernel's own memory, row by row") {
    CameraSetup setup;
    setup.kernel.adjust = [](v4l2_pix_format& format) { format.bytesperline = 8; };
    setup.open();
    setup.kernel.deliver({{1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8}, 0, {}, {}});
    const auto frame = setup.frame();
    REQUIRE(frame);
    CHECK(frame->width == 4);
    CHECK(frame->height == 2);
    CHECK(frame->stride == 8);
    CHECK(frame->luma[3] == 4);
    CHECK(frame->luma[frame->stride] == 5);
    CHECK(setup.kernel.format.pixelformat == V4L2_PIX_FMT_GREY);
    CHECK(setup.told.empty());
}

TEST_CASE("NV12 gives its luma plane, and is whole only with its colours") {
    CameraSetup setup;
    setup.kernel.formats = {V4L2_PIX_FMT_NV12};
    setup.open();
    setup.kernel.deliver({{1, 2, 3, 4, 5, 6, 7, 8, 128, 128, 128}, 0, {}, {}});
    CHECK_FALSE(setup.frame());
    setup.kernel.deliver({{1, 2, 3, 4, 5, 6, 7, 8, 128, 128, 128, 128}, 0, {}, {}});
    const auto frame = setup.frame();
    REQUIRE(frame);
    CHECK(Bytes(frame->luma, frame->luma + 8) == Bytes{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("YUYV gives every second byte of each row") {
    CameraSetup setup;
    setup.kernel.formats = {V4L2_PIX_FMT_YUYV};
    setup.kernel.adjust = [](v4l2_pix_format& format) { format.bytesperline = 10; };
    setup.open();
    setup.kernel.deliver({{1, 0, 2, 0, 3, 0, 4, 0, 99, 99, 5, 0, 6, 0, 7, 0, 8, 0}, 0, {}, {}});
    const auto frame = setup.frame();
    REQUIRE(frame);
    CHECK(frame->stride == 4);
    CHECK(Bytes(frame->luma, frame->luma + 8) == Bytes{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("MJPEG is decoded to luma, and a picture that cannot be is passed over") {
    CameraSetup setup;
    setup.kernel.formats = {V4L2_PIX_FMT_MJPEG};
    setup.kernel.bufferBytes = 4096;
    setup.open();
    const Bytes grey(16 * 8, 200);
    unsigned char* jpeg = nullptr;
    unsigned long size = 0;
    const auto encoder = tjInitCompress();
    REQUIRE(tjCompress2(encoder, grey.data(), 16, 0, 8, TJPF_GRAY, &jpeg, &size, TJSAMP_GRAY, 90, 0) == 0);
    const Bytes whole(jpeg, jpeg + size);
    tjFree(jpeg);
    tjDestroy(encoder);
    setup.kernel.deliver({whole, 0, {}, {}});
    const auto frame = setup.frame();
    REQUIRE(frame);
    CHECK(frame->width == 16); // as the picture says, whatever was agreed
    CHECK(frame->height == 8);
    CHECK(std::abs(frame->luma[100] - 200) < 4);

    setup.kernel.deliver({Bytes(whole.begin(), whole.begin() + 20), 0, {}, {}});
    CHECK_FALSE(setup.frame());
    setup.kernel.deliver({toBytes("no picture at all"), 0, {}, {}});
    CHECK_FALSE(setup.frame());
    CHECK(setup.camera().drops().undecodable == 2);
    setup.kernel.deliver({whole, 0, {}, {}});
    CHECK(setup.frame());
}

TEST_CASE("the first of the profile's formats that the device has is used") {
    CameraSetup setup({PixelFormat::mjpeg, PixelFormat::yuyv, PixelFormat::grey});
    setup.open();
    CHECK(setup.kernel.format.pixelformat == V4L2_PIX_FMT_YUYV);
    CameraSetup other;
    other.kernel.formats = {V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_H264};
    CHECK(other.isGone());
}

TEST_CASE("a format that the driver turns into another, or makes nonsense of, is left for the next") {
    CameraSetup setup;
    setup.kernel.adjust = [](v4l2_pix_format& format) {
        if (format.pixelformat == V4L2_PIX_FMT_GREY)
            format.pixelformat = V4L2_PIX_FMT_RGB24;
    };
    setup.open();
    CHECK(setup.kernel.format.pixelformat == V4L2_PIX_FMT_YUYV);
    for (const auto& nonsense : std::vector<std::function<void(v4l2_pix_format&)>>{
             [](v4l2_pix_format& format) { format.width = 0; },
             [](v4l2_pix_format& format) { format.height = 0; },
             [](v4l2_pix_format& format) { format.width = 8193; },
             [](v4l2_pix_format& format) { format.height = 0xFFFFFFFF; },
             [](v4l2_pix_format& format) { format.bytesperline = 3; },
             [](v4l2_pix_format& format) { format.bytesperline = 0x80000000; }}) {
        CameraSetup bad;
        bad.kernel.adjust = nonsense;
        CHECK(bad.isGone());
        CHECK(bad.kernel.closed == 1);
    }
}

TEST_CASE("another size or rate than the profile's is taken and told once") {
    CameraSetup setup;
    setup.kernel.adjust = [](v4l2_pix_format& format) { format.width = 2; };
    setup.kernel.mostFrames = 15;
    setup.open();
    CHECK(setup.told == std::vector<std::string>{"/dev/video0: it has no 4x2; 2x2 is taken",
                                                 "/dev/video0: it has no 30 frames a second; 15 are taken"});
    setup.kernel.plugged = false;
    setup.kernel.pollSays = POLLERR;
    CHECK(setup.isGone());
    setup.kernel.plugged = true;
    setup.kernel.pollSays = 0;
    setup.open();
    CHECK(setup.told.size() == 3); // the outage; not the size again
}

TEST_CASE("a device whose frame rate cannot be set is used all the same") {
    CameraSetup setup;
    setup.kernel.setsFrameRate = false;
    setup.open();
    CHECK(setup.told == std::vector<std::string>{"/dev/video0: its frame rate cannot be set"});
}

TEST_CASE("the newest frame wins, older ones go back to the device") {
    CameraSetup setup;
    setup.open();
    for (const std::uint8_t grey : Bytes{1, 2, 3})
        REQUIRE(setup.kernel.deliver({picture(grey), 0, {}, {}}));
    CHECK(firstPixel(setup.frame()) == 3);
    CHECK(setup.camera().drops().superseded == 2);
    CHECK(setup.kernel.queued() == 3); // all but the one that is looked at
    CHECK_FALSE(setup.frame());
    CHECK(setup.kernel.queued() == 4);
}

TEST_CASE("where the whole queue waited, the next frame is waited for: those are as old as the pause was") {
    CameraSetup setup;
    setup.open();
    std::uint64_t waiting = 4;
    SECTION("of a camera that was opened and left alone") {}
    SECTION("while the caller looked at a frame, which it then gives back") {
        REQUIRE(setup.kernel.deliver({picture(9), 0, {}, {}}));
        CHECK(firstPixel(setup.frame()) == 9);
        waiting = 3;
    }
    while (setup.kernel.deliver({picture(1), 0, {}, {}})) {
    }
    const auto asked = setup.clock.now().monotonic;
    setup.kernel.onPoll = [&] {
        if (setup.clock.now().monotonic > asked) // a new frame takes time
            setup.kernel.deliver({picture(6), 0, {}, {}});
    };
    CHECK(firstPixel(setup.frame()) == 6);
    CHECK(setup.camera().drops().superseded == waiting);
}

TEST_CASE("a driver that grants two buffers is still fast enough") {
    CameraSetup setup;
    setup.kernel.grantedBuffers = 2;
    setup.open();
    setup.kernel.deliver({picture(1), 0, {}, {}});
    CHECK(firstPixel(setup.frame()) == 1);
    setup.kernel.deliver({picture(2), 0, {}, {}});
    CHECK(firstPixel(setup.frame()) == 2);
}

TEST_CASE("bad buffers are counted and given back: flagged, empty, short, foreign") {
    CameraSetup setup;
    setup.open();
    setup.kernel.deliver({picture(1), V4L2_BUF_FLAG_ERROR, {}, {}});
    setup.kernel.deliver({{}, 0, {}, {}});
    setup.kernel.deliver({Bytes(7, 1), 0, {}, {}});
    CHECK_FALSE(setup.frame());
    CHECK(setup.kernel.queued() == 4);
    setup.kernel.deliver({picture(1), 0, {}, 4});
    CHECK_FALSE(setup.frame());
    setup.kernel.deliver({picture(1), 0, {}, 0xFFFFFFFF});
    CHECK_FALSE(setup.frame());
    const auto& drops = setup.camera().drops();
    CHECK(drops.flagged == 1);
    CHECK(drops.incomplete == 2);
    CHECK(drops.foreign == 2);
    CHECK(drops.superseded == 0);
    setup.kernel.deliver({picture(9), 0, {}, {}});
    CHECK(firstPixel(setup.frame()) == 9);
}

TEST_CASE("a buffer that is said to hold more than it can is read to its end and no further") {
    CameraSetup setup({PixelFormat::mjpeg});
    setup.kernel.formats = {V4L2_PIX_FMT_MJPEG};
    setup.open();
    setup.kernel.deliver(
        {Bytes(1000, 0xFF), 0, {}, {}}); // buffers have 64 bytes; ASan would see a read beyond
    CHECK_FALSE(setup.frame());
    CHECK(setup.camera().drops().undecodable == 1);
}

TEST_CASE("a frame is as old as its stamp says, sleep counted, and never from the future") {
    CameraSetup setup;
    setup.clock.advance(Milliseconds{10'000});
    setup.open();
    const auto now = setup.clock.now().monotonic;
    using std::chrono::microseconds;
    setup.kernel.deliver({picture(1), 0, microseconds{9'900'000}, {}});
    CHECK(setup.frame()->taken == now - Milliseconds{100});
    setup.kernel.asleep = Milliseconds{5'000};
    setup.kernel.deliver({picture(1), 0, microseconds{4'900'000}, {}});
    CHECK(setup.frame()->taken == now - Milliseconds{100});
    setup.kernel.deliver({picture(1), 0, microseconds{99'000'000}, {}});
    CHECK(setup.frame()->taken == now);
    setup.kernel.deliver({picture(1), 0, {}, {}});
    CHECK(setup.frame()->taken == now);
}

TEST_CASE("a stop ends the wait for a camera's frame") {
    CameraSetup setup;
    std::stop_source stop;
    setup.kernel.onPoll = [&] { stop.request_stop(); };
    CHECK(setup.camera().nextFrame(stop.get_token(), std::chrono::hours{1}).error() == Reason::cancelled);
    setup.kernel.onPoll = nullptr;
    setup.kernel.deliver({picture(1), 0, {}, {}});
    CHECK(firstPixel(setup.frame()) == 1);
}
