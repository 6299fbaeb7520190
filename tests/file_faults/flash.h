// A flash below the files beside the database that loses power, or fails: this program's own pwrite,
// ftruncate, fsync and rename stand in for the C library's, keep in mind what was not flushed, and at the cut
// leave any of it, or none, by sectors. SQLite's files keep all that was written, which is the worst for
// files that must be there before a COMMIT; what SQLite itself loses is tests/store_faults'.
#pragma once

#include <cstdint>

namespace ykt::test {

// The process ends by _exit(cutCode) at its `call`-th call that changes the disk, SQLite's included, from now
// on (from 1). `swallowFlushes`: a mutation, to see that the test sees it.
constexpr int cutCode = 42;
void cutPowerAt(std::uint64_t call, std::uint64_t seed, bool swallowFlushes);
// The `call`-th such call from now on (from 1), once: it does nothing and fails with `code`. In this process.
void failAt(std::uint64_t call, int code);
bool hasFailed(); // it came to that call
void heal();      // before it comes to it, if it did not
// Calls so far.
std::uint64_t diskCalls();

} // namespace ykt::test
