// The system calls that a V4L2 device is used by: a seam where tests play the kernel.
#pragma once

#include <chrono>
#include <cstddef>
#include <poll.h>
#include <sys/types.h>

namespace ykt::drivers::v4l2 {

// Each as the call of its name: -1 (mmap: MAP_FAILED) and errno.
class SystemCalls {
  public:
    virtual ~SystemCalls() = default;
    virtual int open(const char* path) = 0; // read and write, not blocking
    virtual int close(int device) = 0;
    virtual int ioctl(int device, unsigned long request, void* argument) = 0;
    virtual void* map(int device, std::size_t length, off_t offset) = 0; // readable, shared
    virtual int unmap(void* address, std::size_t length) = 0;
    virtual int poll(pollfd* waits, nfds_t count, int milliseconds) = 0;
    // How long the machine slept since boot. Buffers are stamped by CLOCK_MONOTONIC, which stands still
    // meanwhile, hal::Clock goes by CLOCK_BOOTTIME.
    virtual std::chrono::nanoseconds slept() = 0;
};

// Those of the kernel.
SystemCalls& kernelCalls();

} // namespace ykt::drivers::v4l2
