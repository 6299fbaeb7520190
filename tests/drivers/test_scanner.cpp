// A scan engine at the other end of a real pseudo-terminal.
#include "drivers/serial/scanner.h"
#include "drivers/system/clock.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

using namespace ykt;
using namespace ykt::drivers::serial;

namespace {

constexpr Milliseconds kSoon{5000};
constexpr Milliseconds kAtOnce{0};

class Engine {
  public:
    Engine() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        REQUIRE(master_ >= 0);
        REQUIRE(::grantpt(master_) == 0);
        REQUIRE(::unlockpt(master_) == 0);
    }
    ~Engine() { unplug(); }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    [[nodiscard]] std::string path() const { return ::ptsname(master_); }
    void send(ByteView bytes) const {
        REQUIRE(::write(master_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }
    void send(std::string_view text) const { send(asBytes(text)); }
    void unplug() {
        if (master_ >= 0)
            ::close(master_);
        master_ = -1;
    }
    [[nodiscard]] termios settings() const {
        termios line{};
        REQUIRE(::tcgetattr(master_, &line) == 0);
        return line;
    }

  private:
    int master_;
};

// As udev's link to whatever port the engine is on.
struct Port {
    void leadTo(const Engine& engine) const {
        std::filesystem::remove(path);
        std::filesystem::create_symlink(engine.path(), path);
    }
    test::TemporaryFolder folder;
    std::filesystem::path path = folder.path() / "scanner";
};

struct Setup {
    Setup() { port.leadTo(*engine); }
    Scanner& scanner() {
        settings.device = port.path;
        if (!made)
            made = std::make_unique<Scanner>(settings, clock,
                                             [this](const std::string& text) { told.push_back(text); });
        return *made;
    }
    // What was sent before the line was opened is discarded.
    void open() { REQUIRE_FALSE(next(kAtOnce)); }
    std::optional<Bytes> next(Milliseconds timeout = kSoon) {
        const auto payload = scanner().nextPayload({}, timeout);
        INFO((payload ? std::string() : explain(payload.error())));
        REQUIRE(payload);
        return *payload;
    }
    bool isGone() {
        const auto payload = scanner().nextPayload({}, kSoon);
        return !payload && payload.error() == Reason::camera_gone;
    }

    drivers::SystemClock clock;
    std::unique_ptr<Engine> engine = std::make_unique<Engine>();
    Port port;
    Settings settings;
    std::vector<std::string> told;
    std::unique_ptr<Scanner> made;
};

} // namespace

TEST_CASE("payloads come over the line as they were sent, in order, in pieces or at once") {
    Setup setup;
    setup.engine->send("before anybody listened\r");
    setup.open();
    setup.engine->send("one\rtwo\r");
    CHECK(setup.next() == toBytes("one"));
    CHECK(setup.next() == toBytes("two"));
    CHECK_FALSE(setup.next(kAtOnce));
    for (const char c : std::string("three\r")) {
        CHECK_FALSE(setup.next(kAtOnce));
        setup.engine->send(std::string(1, c));
    }
    CHECK(setup.next() == toBytes("three"));
    CHECK(setup.told.empty());
}

TEST_CASE("every byte passes the line unchanged: no echo, no flow control, no line discipline") {
    Setup setup;
    setup.settings.frames.framing = Framing::length;
    setup.open();
    Bytes payload;
    for (int times = 0; times < 4; ++times)
        for (int byte = 0; byte < 256; ++byte)
            payload.push_back(static_cast<std::uint8_t>(byte));
    Bytes frame;
    appendBigEndian(frame, payload.size(), 2);
    setup.engine->send(concat({frame, payload}));
    CHECK(setup.next() == payload);
}

TEST_CASE("STX and ETX, with noise around them") {
    Setup setup;
    setup.settings.frames.framing = Framing::stx_etx;
    setup.open();
    setup.engine->send("\xFF\x80noise\x02"
                       "code\x03noise");
    CHECK(setup.next() == toBytes("code"));
    CHECK_FALSE(setup.next(kAtOnce));
    CHECK(setup.scanner().discards().noise == 12);
}

TEST_CASE("a silence within a frame ends it, and the next is read whole") {
    Setup setup;
    setup.open();
    setup.engine->send("half");
    CHECK_FALSE(setup.next(3 * Scanner::longestGap));
    CHECK(setup.scanner().discards().halves == 1);
    setup.engine->send("whole\r");
    CHECK(setup.next() == toBytes("whole"));
}

TEST_CASE("a line that is never silent does not hold its caller longer than asked") {
    Setup setup;
    setup.settings.frames.framing = Framing::stx_etx;
    setup.open();
    std::jthread noise([&](const std::stop_token& stop) {
        while (!stop.stop_requested())
            setup.engine->send("noise");
    });
    CHECK_FALSE(setup.next(Milliseconds{50}));
}

TEST_CASE("unplugged, the engine is gone; plugged in elsewhere, it goes on") {
    Setup setup;
    setup.open();
    setup.engine->send("one\rhalf");
    CHECK(setup.next() == toBytes("one"));
    setup.engine->unplug();
    CHECK(setup.isGone());
    CHECK(setup.isGone());
    CHECK(setup.told.size() == 2); // that it went, and that it is not there
    setup.engine = std::make_unique<Engine>();
    setup.port.leadTo(*setup.engine);
    setup.open();
    setup.engine->send("two\r");
    CHECK(setup.next() == toBytes("two"));
}

TEST_CASE("what was sent before the plug was pulled still comes") {
    Setup setup;
    setup.open();
    setup.engine->send("last\r");
    setup.engine->unplug();
    const auto last = setup.scanner().nextPayload({}, kSoon);
    // Linux may discard a pseudo-terminal's bytes with its master, as it does those of a USB line.
    if (last)
        CHECK(*last == toBytes("last"));
    else
        CHECK(last.error() == Reason::camera_gone);
    CHECK(setup.isGone());
}

TEST_CASE("an engine that is absent, or a file that is no line, is camera_gone") {
    Setup setup;
    setup.engine->unplug();
    CHECK(setup.isGone());
    std::filesystem::remove(setup.port.path);
    std::filesystem::create_symlink("/dev/null", setup.port.path);
    CHECK(setup.isGone());
}

TEST_CASE("a stop ends the wait for a scan") {
    Setup setup;
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    CHECK(setup.scanner().nextPayload(stop.get_token(), std::chrono::hours{1}).error() == Reason::cancelled);
    setup.engine->send("code\r");
    CHECK(setup.next() == toBytes("code"));
}

TEST_CASE("the line is set as the profile says, and what it does not take is told once") {
    Setup setup;
    setup.settings.line = {.baud = 115200,
                           .dataBits = 8,
                           .stopBits = 2,
                           .parity = Parity::none,
                           .flowControl = FlowControl::hardware};
    setup.open();
    const auto line = setup.engine->settings();
    CHECK(::cfgetispeed(&line) == B115200);
    CHECK((line.c_cflag & CSTOPB) != 0);
    CHECK((line.c_cflag & CRTSCTS) != 0);
    CHECK((line.c_lflag & (ICANON | ECHO | ISIG)) == 0);
    CHECK((line.c_iflag & (IXON | IXOFF | ICRNL)) == 0);
    CHECK(setup.told.empty());

    Setup seven; // pseudo-terminals have 8 bits and no parity
    seven.settings.line.dataBits = 7;
    seven.settings.line.parity = Parity::even;
    seven.open();
    CHECK(seven.told ==
          std::vector<std::string>{seven.port.path.string() + ": does not take all settings of the line"});
}
