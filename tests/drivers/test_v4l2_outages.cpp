// A camera that is absent, unplugged, broken or silent, and its controls.
#include "camera_setup.h"

using namespace ykt;
using namespace ykt::test;

TEST_CASE("a camera that is not there is camera_gone, told once, and used when it comes") {
    CameraSetup setup;
    setup.kernel.plugged = false;
    CHECK(setup.isGone());
    CHECK(setup.isGone());
    CHECK(setup.told == std::vector<std::string>{"/dev/video0: No such file or directory"});
    setup.kernel.plugged = true;
    setup.open();
    setup.kernel.deliver({picture(1), 0, {}, {}});
    CHECK(firstPixel(setup.frame()) == 1);
}

TEST_CASE("a device without single-planar capture by streaming is no camera of this driver") {
    struct Kind {
        std::uint32_t capabilities;
        std::string told;
    };
    for (const auto& [capabilities, told] :
         {Kind{V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING, "captures multi-planar only"},
          Kind{V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING, "captures no video"},
          Kind{V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_READWRITE, "does not stream"}}) {
        CameraSetup setup;
        setup.kernel.capabilities = capabilities;
        CHECK(setup.isGone());
        CHECK(setup.told == std::vector<std::string>{"/dev/video0: " + told});
        CHECK(setup.kernel.closed == 1);
    }
}

TEST_CASE("whatever fails while the camera is opened, it is closed and nothing stays mapped") {
    for (const unsigned long request :
         std::vector<unsigned long>{VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_S_FMT, VIDIOC_REQBUFS,
                                    VIDIOC_QUERYBUF, VIDIOC_QBUF, VIDIOC_STREAMON}) {
        CameraSetup setup;
        setup.kernel.failing[request] = EBUSY;
        CHECK(setup.isGone());
        CHECK(setup.kernel.opened == setup.kernel.closed);
        CHECK(setup.kernel.mapped == 0);
        setup.kernel.failing.clear();
        setup.open();
    }
    CameraSetup few;
    few.kernel.grantedBuffers = 1;
    CHECK(few.isGone());
    CameraSetup small;
    small.kernel.bufferBytes = 7; // of 8
    CHECK(small.isGone());
    CHECK(small.kernel.mapped == 0);
}

TEST_CASE("a camera that another program uses is said to be in use, not to lack the format") {
    CameraSetup setup;
    setup.kernel.failing[VIDIOC_S_FMT] = EBUSY;
    CHECK(setup.isGone());
    CHECK(setup.told == std::vector<std::string>{"/dev/video0: S_FMT: Device or resource busy"});
}

TEST_CASE("an interrupted ioctl is asked again, though not for ever") {
    CameraSetup setup;
    setup.kernel.failing[VIDIOC_QUERYCAP] = EINTR;
    CHECK(setup.isGone());
    CHECK(setup.kernel.countOf(VIDIOC_QUERYCAP) == 100);
}

TEST_CASE("unplugged and plugged in again, the camera goes on with all that the profile sets") {
    CameraSetup setup;
    setup.settings.controls.gain = 7;
    setup.kernel.controls[V4L2_CID_GAIN] = range(0, 100, 1);
    setup.open();
    struct Unplugged {
        short polled;
        unsigned long request;
        int error;
    };
    for (const auto& [polled, request, error] :
         {Unplugged{POLLERR, 0, 0}, Unplugged{POLLHUP | POLLERR, 0, 0}, Unplugged{POLLNVAL, 0, 0},
          Unplugged{POLLIN, VIDIOC_DQBUF, ENODEV}, Unplugged{POLLIN, VIDIOC_DQBUF, EIO}}) {
        setup.kernel.pollSays = polled;
        if (request != 0)
            setup.kernel.failing[request] = error;
        CHECK(setup.isGone());
        CHECK(setup.kernel.closed == setup.kernel.opened);
        CHECK(setup.kernel.mapped == 0);
        setup.kernel.plugged = false;
        CHECK(setup.isGone());

        setup.kernel.plugged = true;
        setup.kernel.pollSays = 0;
        setup.kernel.failing.clear();
        setup.kernel.written.clear();
        setup.open();
        CHECK(setup.kernel.written[V4L2_CID_GAIN] == 7);
        setup.kernel.deliver({picture(5), 0, {}, {}});
        CHECK(firstPixel(setup.frame()) == 5);
    }
}

TEST_CASE("a frame that was looked at cannot be given back: the camera is gone") {
    CameraSetup setup;
    setup.open();
    setup.kernel.deliver({picture(1), 0, {}, {}});
    CHECK(firstPixel(setup.frame()) == 1);
    setup.kernel.failing[VIDIOC_QBUF] = ENODEV;
    CHECK(setup.isGone());
    CHECK(setup.kernel.mapped == 0);
}

TEST_CASE("a silent camera is restarted, then opened anew") {
    CameraSetup setup;
    setup.open();
    const auto untilRestart = [&] {
        for (int calls = 0; setup.kernel.countOf(VIDIOC_STREAMOFF) == 0 && calls < 100; ++calls)
            CHECK_FALSE(setup.frame());
    };
    untilRestart();
    CHECK(setup.clock.now().monotonic.time_since_epoch() == Camera::silence);
    CHECK(setup.told.size() == 1);
    CHECK(setup.kernel.streaming());
    CHECK(setup.kernel.queued() == 4);

    SECTION("a frame after the restart is as good as any") {
        setup.kernel.deliver({picture(1), 0, {}, {}});
        CHECK(firstPixel(setup.frame()) == 1);
        setup.kernel.requests.clear();
        untilRestart(); // not gone at once
        CHECK(setup.kernel.opened == 1);
        CHECK(setup.told.size() == 2); // another outage
    }
    SECTION("as silent as before, it is opened anew") {
        int calls = 0;
        while (!setup.isGone())
            REQUIRE(++calls < 100);
        CHECK(setup.clock.now().monotonic.time_since_epoch() == 2 * Camera::silence);
        CHECK(setup.kernel.closed == 1);
        setup.open();
        CHECK(setup.kernel.opened == 2);
    }
}

TEST_CASE("a driver that changes the format under us is opened anew, and agreed with anew") {
    CameraSetup setup;
    setup.kernel.onPoll = [&] { setup.kernel.deliver({Bytes(4, 1), 0, {}, {}}); }; // half of what was agreed
    setup.open();
    int calls = 0;
    while (!setup.isGone()) {
        setup.clock.advance(Milliseconds{33});
        REQUIRE(++calls < 1000);
    }
    CHECK(setup.camera().drops().incomplete > 5);
    setup.kernel.adjust = [](v4l2_pix_format& format) { format.height = 1; };
    const auto frame = setup.frame();
    REQUIRE(frame);
    CHECK(frame->height == 1);
}

TEST_CASE("controls are set within the device's bounds, after their automatic is off") {
    CameraSetup setup;
    setup.settings.controls = {
        .exposure100us = 3, .gain = 500, .focus = 47, .whiteBalance = 4600, .powerLineHertz = 50};
    setup.kernel.controls = {{V4L2_CID_EXPOSURE_AUTO, range(0, 3, 1)},
                             {V4L2_CID_EXPOSURE_ABSOLUTE, range(5, 2500, 1)},
                             {V4L2_CID_GAIN, range(0, 100, 1)},
                             {V4L2_CID_FOCUS_AUTO, range(0, 1, 1)},
                             {V4L2_CID_FOCUS_ABSOLUTE, range(0, 250, 5)},
                             {V4L2_CID_WHITE_BALANCE_TEMPERATURE, range(2800, 6500, 1)},
                             {V4L2_CID_POWER_LINE_FREQUENCY, range(0, 2, 1)}};
    setup.open();
    CHECK(setup.kernel.written == std::map<std::uint32_t, std::int32_t>{
                                      {V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL},
                                      {V4L2_CID_EXPOSURE_ABSOLUTE, 5},
                                      {V4L2_CID_GAIN, 100},
                                      {V4L2_CID_FOCUS_AUTO, 0},
                                      {V4L2_CID_FOCUS_ABSOLUTE, 45},
                                      {V4L2_CID_WHITE_BALANCE_TEMPERATURE, 4600},
                                      {V4L2_CID_POWER_LINE_FREQUENCY, V4L2_CID_POWER_LINE_FREQUENCY_50HZ}});
    CHECK(setup.told ==
          std::vector<std::string>{"/dev/video0: exposure_100us is set to 5, the nearest that it allows",
                                   "/dev/video0: gain is set to 100, the nearest that it allows",
                                   "/dev/video0: focus is set to 45, the nearest that it allows"});
}

TEST_CASE("what is not in the profile is not touched; what the device lacks or refuses is told and no more") {
    CameraSetup untouched;
    untouched.kernel.controls[V4L2_CID_GAIN] = range(0, 100, 1);
    untouched.open();
    CHECK(untouched.kernel.written.empty());

    CameraSetup setup;
    setup.settings.controls.focus = 10;
    setup.settings.controls.gain = 10;
    setup.settings.controls.exposure100us = 10;
    setup.kernel.controls[V4L2_CID_GAIN] = range(0, 0, 1, V4L2_CTRL_FLAG_DISABLED);
    setup.kernel.controls[V4L2_CID_EXPOSURE_ABSOLUTE] = range(0, 100, 0);
    setup.kernel.failing[VIDIOC_S_CTRL] = EACCES;
    setup.open();
    CHECK(setup.told == std::vector<std::string>{"/dev/video0: it refuses exposure_100us: Permission denied",
                                                 "/dev/video0: it has no control for gain",
                                                 "/dev/video0: it has no control for focus"});
}
