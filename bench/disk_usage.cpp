#include "bench/disk_usage.h"

#include <atomic>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace {

std::atomic<std::uint64_t> flushes{0};

constexpr std::uint64_t sectorSize = 512; // of /sys/dev/block, whatever the device's is
constexpr int sectorsWrittenField = 7;

} // namespace

// In place of the C library's, also for SQLite.
extern "C" int fsync(int file) {
    ++flushes;
    return static_cast<int>(::syscall(SYS_fsync, file));
}
extern "C" int fdatasync(int file) {
    ++flushes;
    return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace ykt::bench {

DiskUsage diskUsage(const std::filesystem::path& folder) {
    DiskUsage usage;
    usage.flushes = flushes;
    std::ifstream own("/proc/self/io");
    std::string name;
    for (std::uint64_t value = 0; own >> name >> value;) {
        if (name == "wchar:")
            usage.written = value;
        if (name == "write_bytes:")
            usage.dirtied = value;
    }
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0)
        return usage;
    std::ifstream device("/sys/dev/block/" + std::to_string(major(status.st_dev)) + ":" +
                         std::to_string(minor(status.st_dev)) + "/stat");
    std::uint64_t value = 0;
    for (int field = 1; field <= sectorsWrittenField && device >> value; ++field)
        if (field == sectorsWrittenField)
            usage.device = value * sectorSize;
    return usage;
}

} // namespace ykt::bench
