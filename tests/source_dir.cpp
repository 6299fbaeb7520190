#include "tests/source_dir.h"

namespace ykt::test {

std::filesystem::path sourceDir() {
    return YKT_SOURCE_DIR; // the only file that is compiled with it, so that others compile alike in every
                           // folder
}

} // namespace ykt::test
