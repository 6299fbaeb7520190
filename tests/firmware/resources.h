// What this process takes of the machine, from /proc.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ykt::test {

struct Resources {
    std::uint64_t residentKib = 0;
    std::size_t files = 0;
    std::size_t threads = 0;
};

inline Resources resources() {
    const auto entries = [](const char* folder) {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
    };
    Resources now{.files = entries("/proc/self/fd"), .threads = entries("/proc/self/task")};
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmRSS:")
            status >> now.residentKib;
    return now;
}

// Then everything takes long, and the memory tells nothing: what was freed is kept aside (256 MiB of it under
// the address sanitizer, whose leak check stands for ours), and every access leaves a shadow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

// Since `warm`, which was taken after `count` rounds: no file, no thread, and less than `growthKib` of
// memory.
inline void checkNothingPiledUp(const Resources& warm, std::uint64_t count, std::uint64_t growthKib) {
    const auto end = resources();
    std::printf("  %llu KiB after %llu, %llu KiB at the end\n",
                static_cast<unsigned long long>(warm.residentKib), static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(end.residentKib));
    CHECK(end.files == warm.files);
    CHECK(end.threads == warm.threads);
    if (!sanitized)
        CHECK(end.residentKib < warm.residentKib + growthKib);
}

} // namespace ykt::test
