// Where the project's files lie that tests and benchmarks read: profiles, vectors, pages.
#pragma once

#include <filesystem>

namespace ykt::test {

std::filesystem::path sourceDir();

} // namespace ykt::test
