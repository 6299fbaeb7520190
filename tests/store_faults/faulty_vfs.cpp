// FaultyDisk's face to SQLite: https://www.sqlite.org/c3ref/vfs.html
#include "faulty_disk.h"

#include <cstring>

namespace ykt::test {

namespace {

// The real file stands right behind it in memory.
struct File {
    sqlite3_file base;
    FaultyDisk* disk;
    FaultyDisk::Inode* inode; // null: a temporary file
    bool flushesNames;        // with its first flush, as SQLite's own VFS does for a log that it made
};

constexpr int fileSize = (sizeof(File) + 15) / 16 * 16;

File& ours(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}
sqlite3_file* realOf(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + fileSize);
}
FaultyDisk& diskOf(sqlite3_vfs* vfs) {
    return *static_cast<FaultyDisk*>(vfs->pAppData);
}
using Call = FaultyDisk::Call;

int closeFile(sqlite3_file* file) {
    auto* real = realOf(file);
    return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

int readFile(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    if (const int error = ours(file).disk->enter(Call::read).error)
        return error;
    return realOf(file)->pMethods->xRead(realOf(file), to, size, offset);
}

int writeFile(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    auto& self = ours(file);
    const auto [error, halfDone] = self.disk->enter(Call::write);
    if (error && !halfDone)
        return error;
    const auto bytes = ByteView(static_cast<const std::uint8_t*>(from), std::size_t(error ? size / 2 : size));
    if (self.inode)
        self.disk->wrote(*self.inode, offset, bytes);
    const int written =
        realOf(file)->pMethods->xWrite(realOf(file), bytes.data(), static_cast<int>(bytes.size()), offset);
    return error ? error : written;
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    if (const int error = ours(file).disk->enter(Call::truncate).error)
        return error;
    if (ours(file).inode)
        ours(file).disk->truncated(*ours(file).inode, size);
    return realOf(file)->pMethods->xTruncate(realOf(file), size);
}

// The real file is not flushed: nothing here outlives the test.
int flushFile(sqlite3_file* file, int) {
    auto& self = ours(file);
    if (const int error = self.disk->enter(Call::sync).error)
        return error;
    if (self.inode)
        self.disk->flushed(*self.inode, self.flushesNames);
    self.flushesNames = false;
    return SQLITE_OK;
}

int fileSizeOf(sqlite3_file* file, sqlite3_int64* size) {
    return realOf(file)->pMethods->xFileSize(realOf(file), size);
}
int lockFile(sqlite3_file* file, int lock) {
    return realOf(file)->pMethods->xLock(realOf(file), lock);
}
int unlockFile(sqlite3_file* file, int lock) {
    return realOf(file)->pMethods->xUnlock(realOf(file), lock);
}
int isReserved(sqlite3_file* file, int* reserved) {
    return realOf(file)->pMethods->xCheckReservedLock(realOf(file), reserved);
}
int controlFile(sqlite3_file* file, int operation, void* argument) {
    if (operation == SQLITE_FCNTL_PRAGMA && ours(file).disk->hearsFullAsNormal()) {
        auto** pragma = static_cast<char**>(argument); // answer, name, value
        if (std::strcmp(pragma[1], "synchronous") == 0 && pragma[2] && std::strcmp(pragma[2], "FULL") == 0)
            std::strcpy(pragma[2], "1");
    }
    return realOf(file)->pMethods->xFileControl(realOf(file), operation, argument);
}
int sectorSizeOf(sqlite3_file* file) {
    return realOf(file)->pMethods->xSectorSize(realOf(file));
}
int traitsOf(sqlite3_file* file) {
    return realOf(file)->pMethods->xDeviceCharacteristics(realOf(file));
}
int mapShared(sqlite3_file* file, int page, int size, int extend, void volatile** mapped) {
    if (const int error = ours(file).disk->enter(Call::share).error)
        return error;
    return realOf(file)->pMethods->xShmMap(realOf(file), page, size, extend, mapped);
}
int lockShared(sqlite3_file* file, int offset, int count, int flags) {
    return realOf(file)->pMethods->xShmLock(realOf(file), offset, count, flags);
}
void orderShared(sqlite3_file* file) {
    realOf(file)->pMethods->xShmBarrier(realOf(file));
}
int unmapShared(sqlite3_file* file, int remove) {
    return realOf(file)->pMethods->xShmUnmap(realOf(file), remove);
}

// Version 2: no memory-mapped reading, which would pass the disk by.
constexpr sqlite3_io_methods methods{2,           closeFile,    readFile, writeFile,  truncateFile,
                                     flushFile,   fileSizeOf,   lockFile, unlockFile, isReserved,
                                     controlFile, sectorSizeOf, traitsOf, mapShared,  lockShared,
                                     orderShared, unmapShared,  nullptr,  nullptr};

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    auto& disk = diskOf(vfs);
    auto& self = ours(file);
    std::memset(file, 0, static_cast<std::size_t>(vfs->szOsFile));
    if (const int error = disk.enter(Call::open).error)
        return error;
    int exists = 0;
    if (name)
        disk.real().xAccess(&disk.real(), name, SQLITE_ACCESS_EXISTS, &exists);
    if (const int error = disk.real().xOpen(&disk.real(), name, realOf(file), flags, outFlags))
        return error;
    self.disk = &disk;
    self.inode = name ? disk.opened(name, exists == 0) : nullptr;
    self.flushesNames = exists == 0 && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    self.base.pMethods = &methods;
    return SQLITE_OK;
}

int removeFile(sqlite3_vfs* vfs, const char* name, int flush) {
    auto& disk = diskOf(vfs);
    if (const int error = disk.enter(Call::remove).error)
        return error;
    const int removed = disk.real().xDelete(&disk.real(), name, 0);
    if (removed == SQLITE_OK)
        disk.removed(name, flush != 0);
    return removed;
}

} // namespace

FaultyDisk::FaultyDisk() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.zName = "faulty";
    vfs_.pNext = nullptr;
    vfs_.szOsFile = fileSize + real_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = openFile;
    vfs_.xDelete = removeFile;
    // The real VFS's other functions want to be called with itself.
    vfs_.xAccess = [](sqlite3_vfs* vfs, const char* name, int flags, int* result) {
        return diskOf(vfs).real().xAccess(&diskOf(vfs).real(), name, flags, result);
    };
    vfs_.xFullPathname = [](sqlite3_vfs* vfs, const char* name, int size, char* out) {
        return diskOf(vfs).real().xFullPathname(&diskOf(vfs).real(), name, size, out);
    };
    sqlite3_vfs_register(&vfs_, 1);
}

FaultyDisk::~FaultyDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
}

} // namespace ykt::test
