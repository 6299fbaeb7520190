#include "drivers/v4l2/system_calls.h"

#include "drivers/system/clock.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace ykt::drivers::v4l2 {
namespace {

class KernelCalls final : public SystemCalls {
  public:
    int open(const char* path) override { return ::open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC); }
    int close(int device) override { return ::close(device); }
    int ioctl(int device, unsigned long request, void* argument) override {
        return ::ioctl(device, request, argument);
    }
    void* map(int device, std::size_t length, off_t offset) override {
        return ::mmap(nullptr, length, PROT_READ, MAP_SHARED, device, offset);
    }
    int unmap(void* address, std::size_t length) override { return ::munmap(address, length); }
    int poll(pollfd* waits, nfds_t count, int milliseconds) override {
        return ::poll(waits, count, milliseconds);
    }
    std::chrono::nanoseconds slept() override { return sleptSinceBoot(); }
};

} // namespace

SystemCalls& kernelCalls() {
    static KernelCalls calls;
    return calls;
}

} // namespace ykt::drivers::v4l2
