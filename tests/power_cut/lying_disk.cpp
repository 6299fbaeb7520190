#include "tests/power_cut/lying_disk.h"

#include <atomic>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<bool> lies = false;

int flush(long number, int fd) {
    return lies ? 0 : static_cast<int>(::syscall(number, fd));
}

} // namespace

namespace ykt::test {

void makeDiskLie() {
    lies = true;
}

} // namespace ykt::test

// In place of the C library's, for SQLite too, because the program is linked statically.
extern "C" int fsync(int fd) {
    return flush(SYS_fsync, fd);
}
extern "C" int fdatasync(int fd) {
    return flush(SYS_fdatasync, fd);
}
