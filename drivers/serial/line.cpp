#include "drivers/serial/line.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <system_error>
#include <termios.h>
#include <unistd.h>

namespace ykt::drivers::serial {
namespace {

speed_t speedOf(unsigned baud) {
    switch (baud) {
    case 19200:
        return B19200;
    case 38400:
        return B38400;
    case 57600:
        return B57600;
    case 115200:
        return B115200;
    case 230400:
        return B230400;
    case 460800:
        return B460800;
    case 921600:
        return B921600;
    default:
        return B9600;
    }
}

void setFlag(tcflag_t& flags, tcflag_t flag, bool on) {
    flags = on ? flags | flag : flags & ~flag;
}

termios wanted(termios line, const LineSettings& settings) {
    ::cfmakeraw(&line); // no echo, no line discipline, no XON/XOFF, 8 bits
    ::cfsetspeed(&line, speedOf(settings.baud));
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag = (line.c_cflag & ~tcflag_t{CSIZE}) | (settings.dataBits == 7 ? CS7 : CS8);
    setFlag(line.c_cflag, CSTOPB, settings.stopBits == 2);
    setFlag(line.c_cflag, PARENB, settings.parity != Parity::none);
    setFlag(line.c_cflag, PARODD, settings.parity == Parity::odd);
    setFlag(line.c_cflag, CRTSCTS, settings.flowControl == FlowControl::hardware);
    setFlag(line.c_iflag, IXON | IXOFF, settings.flowControl == FlowControl::software);
    // A byte of wrong parity is dropped: the frame that lacks it does not verify.
    setFlag(line.c_iflag, INPCK | IGNPAR, settings.parity != Parity::none);
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    return line;
}

// tcsetattr succeeds where it could set anything at all.
bool took(const termios& is, const termios& wanted) {
    constexpr tcflag_t told = CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS;
    return ::cfgetispeed(&is) == ::cfgetispeed(&wanted) && (is.c_cflag & told) == (wanted.c_cflag & told);
}

tl::unexpected<Error> gone(const std::string& what) {
    return fail(Reason::camera_gone, what + ": " + std::error_code(errno, std::generic_category()).message());
}

} // namespace

Result<Line> Line::open(const std::filesystem::path& device, const LineSettings& settings,
                        NoticeBoard& notices) {
    Line line(::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (line.descriptor_ < 0)
        return gone(device.string());
    termios is{};
    if (::tcgetattr(line.descriptor_, &is) != 0)
        return gone(device.string());
    const auto wants = wanted(is, settings);
    if (::ioctl(line.descriptor_, TIOCEXCL) != 0 || ::tcsetattr(line.descriptor_, TCSANOW, &wants) != 0 ||
        ::tcgetattr(line.descriptor_, &is) != 0 || ::tcflush(line.descriptor_, TCIFLUSH) != 0)
        return gone(device.string());
    if (!took(is, wants))
        notices.say(device.string() + ": does not take all settings of the line");
    return line;
}

Line::~Line() {
    if (descriptor_ < 0)
        return;
    ::ioctl(descriptor_, TIOCNXCL); // it would stay exclusive as long as anybody else has it open
    ::close(descriptor_);
}

Result<Bytes> Line::read() const {
    Bytes bytes(4096);
    const auto count = ::read(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return Bytes{};
    if (count < 0)
        return gone("read");
    if (count == 0) // hung up
        return fail(Reason::camera_gone, "hung up");
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
}

} // namespace ykt::drivers::serial
