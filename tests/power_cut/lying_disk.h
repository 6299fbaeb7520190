// A disk that says it flushed and did not: what must make the test of power cuts fail.
#pragma once

namespace ykt::test {

// From now on fsync and fdatasync of this program do nothing and say that they did.
void makeDiskLie();

} // namespace ykt::test
