#include "drivers/simulated/folder_camera.h"
#include "folder.h"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

using namespace ykt;
using namespace ykt::drivers;

namespace {

constexpr Milliseconds kSoon{5000};
constexpr Milliseconds kAtOnce{0};

// The only pixel of the next frame; 0 for none.
char nextPixel(FolderCamera& camera, Milliseconds timeout = kSoon) {
    const auto frame = camera.nextFrame({}, timeout);
    REQUIRE(frame);
    return *frame ? static_cast<char>((*frame)->luma[0]) : '\0';
}

} // namespace

TEST_CASE("a folder's files are shown in the order of their names, then new ones as they come") {
    const Folder folder;
    hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    clock.advance(Milliseconds{5});
    folder.write("b.pgm", onePixel('b'));
    folder.write("a.pgm", onePixel('a'));
    folder.write("c.txt", "no image");
    folder.write(".hidden.pgm", onePixel('x'));
    FolderCamera camera(folder.path, clock);
    CHECK(camera.name() == folder.path.string());

    const auto frame = **camera.nextFrame({}, kSoon);
    CHECK(frame.luma[0] == 'a');
    CHECK(frame.taken == clock.now().monotonic);
    CHECK(nextPixel(camera) == 'b');
    CHECK(nextPixel(camera, kAtOnce) == '\0');

    folder.write("A.pgm", onePixel('1'));
    CHECK(nextPixel(camera) == '1');
    folder.write(".part", onePixel('2'));
    std::filesystem::rename(folder.path / ".part", folder.path / "d.pgm");
    CHECK(nextPixel(camera) == '2');
    CHECK(nextPixel(camera, kAtOnce) == '\0');
    folder.write("a.pgm", onePixel('3')); // written anew, shown anew
    CHECK(nextPixel(camera) == '3');
}

TEST_CASE("a file that is still being written is not touched") {
    const Folder folder;
    const hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    FolderCamera camera(folder.path, clock);
    CHECK(nextPixel(camera, kAtOnce) == '\0'); // from now on it watches
    const std::string image = onePixel('w');
    const int file = ::open((folder.path / "w.pgm").c_str(), O_WRONLY | O_CREAT, 0600);
    REQUIRE(::write(file, image.data(), 4) == 4);
    CHECK(nextPixel(camera, Milliseconds{20}) == '\0');
    REQUIRE(::write(file, image.data() + 4, image.size() - 4) > 0);
    CHECK(nextPixel(camera, kAtOnce) == '\0');
    ::close(file);
    CHECK(nextPixel(camera) == 'w');
}

TEST_CASE("a malformed image is told once and passed over") {
    const Folder folder;
    const hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    folder.write("1.png", "\x89PNG but not really");
    folder.write("2.pgm", onePixel('2'));
    FolderCamera camera(folder.path, clock);
    CHECK(camera.nextFrame({}, kSoon).error() == Reason::frame_invalid);
    CHECK(nextPixel(camera) == '2');
    CHECK(nextPixel(camera, kAtOnce) == '\0');
}

TEST_CASE("a single file is shown once") {
    const Folder folder;
    const hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    FolderCamera camera(folder.write("x.pgm", onePixel('x')), clock);
    CHECK(nextPixel(camera) == 'x');
    CHECK(nextPixel(camera, kAtOnce) == '\0');
}

TEST_CASE("a source that is not there, or goes, is camera_gone until it is there again") {
    const hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    const Folder folder;
    const auto source = folder.path / "frames";
    FolderCamera camera(source, clock);
    const auto isGone = [&] {
        const auto frame = camera.nextFrame({}, kSoon);
        return !frame && frame.error() == Reason::camera_gone;
    };
    CHECK(isGone());
    CHECK(isGone());
    for (int times = 0; times < 2; ++times) {
        std::filesystem::create_directory(source);
        folder.write("frames/a.pgm", onePixel('a'));
        CHECK(nextPixel(camera) == 'a');
        folder.write("frames/b.pgm", onePixel('b')); // goes with its folder
        std::filesystem::remove_all(source);
        CHECK(isGone());
        CHECK(isGone());
    }
}

TEST_CASE("a stop ends the wait for a frame") {
    const Folder folder;
    const hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    FolderCamera camera(folder.path, clock);
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    CHECK(camera.nextFrame(stop.get_token(), std::chrono::hours{1}).error() == Reason::cancelled);
    folder.write("a.pgm", onePixel('a'));
    CHECK(nextPixel(camera) == 'a'); // and the camera still works for another
}
