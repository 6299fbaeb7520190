// The V4L2 driver on a device of the real kernel: a camera, or the module vivid.
#include "kernel_device.h"

#include <iostream>

using namespace ykt;
using namespace ykt::drivers;
using namespace ykt::test;

TEST_CASE("a camera of the kernel streams frames in every format that it has, each newer than the last") {
    const auto device = firstCamera();
    if (!device) {
        WARN("skipped: no video device captures and streams");
        return;
    }
    const SystemClock clock;
    int formatsSeen = 0;
    for (const auto format : {v4l2::PixelFormat::grey, v4l2::PixelFormat::nv12, v4l2::PixelFormat::yuyv,
                              v4l2::PixelFormat::mjpeg}) {
        v4l2::Settings settings;
        settings.device = *device;
        settings.formats = {format};
        v4l2::Camera camera(settings, clock, [](const std::string& text) { std::cout << text << '\n'; });
        const auto asked = clock.now().monotonic;
        MonotonicTime last{};
        for (int frames = 0; frames < 10; ++frames) {
            const auto frame = camera.nextFrame({}, soon);
            INFO((frame ? std::string() : explain(frame.error())));
            if (!frame && frames == 0)
                break; // it does not have this format
            REQUIRE(frame);
            REQUIRE(*frame);
            CHECK((*frame)->width > 0);
            CHECK((*frame)->stride >= (*frame)->width);
            CHECK((*frame)->taken > asked); // wrong by what the machine has slept, if that is not counted
            CHECK((*frame)->taken > last);
            CHECK((*frame)->taken <= clock.now().monotonic);
            last = (*frame)->taken;
        }
        formatsSeen += last != MonotonicTime{} ? 1 : 0;
    }
    std::cout << device->string() << ": " << formatsSeen << " of 4 formats\n";
    CHECK(formatsSeen > 0);
}
