// A disk below SQLite that loses power and fails when the test says so. It registers itself as SQLite's
// default VFS while it lives and passes everything on to the real files, but keeps in mind what of it was
// flushed.
#pragma once

#include "base/bytes.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <sqlite3.h>
#include <string>
#include <vector>

namespace ykt::test {

class FaultyDisk {
  public:
    enum class Call { open, read, write, truncate, sync, remove, share };

    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    // -- power: at the `changes`-th write, truncation, flush, creation or deletion from now (from 1) it goes,
    // and every call fails from then on.
    void cutAt(std::uint64_t changes);
    [[nodiscard]] bool isCut() const;
    // What the cut left, onto the real files: of what was not flushed each sector of a write, each
    // truncation, each creation and deletion of a name is there or not. Close every connection before.
    void powerOn(std::mt19937_64& random);
    // Mutations, to see that the tests see them: flushes of files whose name ends so are swallowed, as by a
    // controller that lies; SQLite hears `synchronous = FULL` as NORMAL.
    void swallowFlushes(std::string suffix);
    void hearFullAsNormal() { normal_ = true; }

    // -- faults: the `call`-th call from now (from 1) fails, and with `lasting` all that follow it.
    enum class Fault { broken, full }; // full: only what needs room fails, half done
    void failAt(std::uint64_t call, Fault fault, bool lasting);
    void heal();
    [[nodiscard]] bool hasFailed() const;
    // So far, of any file.
    [[nodiscard]] std::uint64_t flushes() const;

    // -- for the VFS
    struct Change {
        std::int64_t offset = 0; // of a truncation: the size
        Bytes bytes;
        bool truncation = false;
    };
    struct Inode { // a file's content, whatever its name
        Bytes durable;
        std::vector<Change> unflushed;
    };
    struct Admission {
        int error = SQLITE_OK;
        bool halfDone = false; // a write that fails on its way
    };
    Admission enter(Call call);
    Inode* opened(const std::string& name, bool created);
    void wrote(Inode& inode, std::int64_t offset, ByteView bytes);
    void truncated(Inode& inode, std::int64_t size);
    void flushed(Inode& inode, bool namesToo);
    void removed(const std::string& name, bool flushedToo);
    sqlite3_vfs& real() { return *real_; }
    [[nodiscard]] bool hearsFullAsNormal() const { return normal_; }

  private:
    struct Rename { // of a name to an inode, or to none
        std::string name;
        Inode* inode;
    };
    [[nodiscard]] Inode* inodeOf(const std::string& name);
    void flushNames();

    mutable std::mutex mutex_;
    sqlite3_vfs* real_;
    sqlite3_vfs vfs_;
    std::vector<std::unique_ptr<Inode>> inodes_;
    std::map<std::string, Inode*> names_;        // as the running system sees them
    std::map<std::string, Inode*> durableNames_; // as the next one would
    std::vector<Rename> unflushedNames_;
    std::string swallowed_;
    std::optional<std::uint64_t> changesLeft_;
    std::optional<std::uint64_t> callsLeft_;
    Fault fault_ = Fault::broken;
    std::uint64_t flushes_ = 0;
    bool lasting_ = false;
    bool cut_ = false;
    bool normal_ = false;
    bool failed_ = false;
};

} // namespace ykt::test
