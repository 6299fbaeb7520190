// A store whose folder loses power in a child process, or whose disk fails, in a copy of it, and is looked at
// afterwards.
#pragma once

#include "flash.h"
#include "tests/offline_store/publisher.h"

#include <cerrno>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace ykt::offline_store {

struct CutFixture : BulletinFixture {
    // Opens the store and works, in a child that loses power at its `call`-th change of the disk. True: it
    // did; false: it came to its end before.
    bool cutAt(std::uint64_t call, std::uint64_t seed, bool swallow,
               const std::function<void(Store&)>& work) const {
        renewCopy();
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
    // Each change of the disk fails in turn, once, while this process opens the store and works. `isKept`
    // looks at what was left; of work that told no error all is there. Then it works again, without a fault.
    // How many errors were told.
    std::uint64_t failEach(int code, const std::function<Result<void>(Store&)>& work,
                           const std::function<bool(bool isDone)>& isKept) const {
        const auto openAndWork = [&] {
            return openCopy().and_then([&](const std::unique_ptr<Store>& store) { return work(*store); });
        };
        std::uint64_t errors = 0;
        for (std::uint64_t call = 1;; ++call) {
            renewCopy();
            test::failAt(call, code);
            const auto done = openAndWork();
            const bool hasFailed = test::hasFailed();
            test::heal();
            CAPTURE(code, call, done ? "" : explain(done.error()));
            REQUIRE((done || done.error() == Reason::store_failed ||
                     (code == ENOSPC && done.error() == Reason::store_full)));
            REQUIRE(isKept(done.has_value()));
            const auto again = openAndWork();
            INFO((again ? "" : explain(again.error())));
            REQUIRE(again);
            REQUIRE(isKept(true));
            REQUIRE_FALSE(std::filesystem::exists(fileInCopy().string() + ".damaged-1"));
            if (!hasFailed)
                return errors;
            errors += done ? 0 : 1;
        }
    }
    [[nodiscard]] Result<std::unique_ptr<Store>> openCopy() const {
        auto inCopy = options;
        inCopy.file = fileInCopy();
        return Store::open(inCopy, key.clone(), clock);
    }

    CutFixture() = default;
    CutFixture(const CutFixture&) = delete;
    CutFixture& operator=(const CutFixture&) = delete;
    ~CutFixture() { std::filesystem::remove_all(copy); }
    [[nodiscard]] std::filesystem::path fileInCopy() const { return copy / options.file.filename(); }
    void renewCopy() const {
        std::filesystem::remove_all(copy);
        std::filesystem::copy(folder.path(), copy, std::filesystem::copy_options::recursive);
    }
    std::filesystem::path copy = folder.path().string() + "-copy";
};

} // namespace ykt::offline_store
