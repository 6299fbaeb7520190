// What a stretch of a program cost the disk.
#pragma once

#include <cstdint>
#include <filesystem>

namespace ykt::bench {

struct DiskUsage {
    std::uint64_t written = 0; // bytes that this process gave to write()
    std::uint64_t dirtied = 0; // bytes of pages that it caused to be written (write_bytes of /proc/self/io)
    std::uint64_t device = 0;  // bytes that the whole device wrote, whoever caused it; 0: not known
    std::uint64_t flushes = 0; // fsync and fdatasync of this process
    DiskUsage operator-(const DiskUsage& from) const {
        return {written - from.written, dirtied - from.dirtied, device - from.device, flushes - from.flushes};
    }
    DiskUsage& operator+=(const DiskUsage& more) {
        written += more.written;
        dirtied += more.dirtied;
        device += more.device;
        flushes += more.flushes;
        return *this;
    }
};

// Until now, `folder` telling the device.
DiskUsage diskUsage(const std::filesystem::path& folder);

} // namespace ykt::bench
