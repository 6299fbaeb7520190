// A store whose folder loses power in a child process, in a copy of it, and is looked at afterwards.
#pragma once

#include "flash.h"
#include "tests/offline_store/publisher.h"

#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace ykt::offline_store {

struct CutFixture : BulletinFixture {
    // Opens the store and works, in a child that loses power at its `call`-th change of the disk. True: it
    // did; false: it came to its end before.
    bool cutAt(std::uint64_t call, std::uint64_t seed, bool swallow,
               const std::function<void(Store&)>& work) const {
        std::filesystem::remove_all(copy);
        std::filesystem::copy(folder.path(), copy, std::filesystem::copy_options::recursive);
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            test::cutPowerAt(call, seed, swallow);
            auto store = openCopy();
            if (!store)
                ::_exit(1);
            work(**store);
            store->reset();
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        const int code = WEXITSTATUS(status);
        REQUIRE((code == 0 || code == test::cutCode));
        return code == test::cutCode;
    }
    [[nodiscard]] Result<std::unique_ptr<Store>> openCopy() const {
        auto inCopy = options;
        inCopy.file = copy / options.file.filename();
        return Store::open(inCopy, key.clone(), clock);
    }

    CutFixture() = default;
    CutFixture(const CutFixture&) = delete;
    CutFixture& operator=(const CutFixture&) = delete;
    ~CutFixture() { std::filesystem::remove_all(copy); }
    std::filesystem::path copy = folder.path().string() + "-copy";
};

} // namespace ykt::offline_store
