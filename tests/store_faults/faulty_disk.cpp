#include "faulty_disk.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace ykt::test {

namespace {

constexpr std::int64_t sectorSize = 512;

using Change = FaultyDisk::Change;

void apply(Bytes& content, const Change& change) {
    const auto offset = static_cast<std::size_t>(change.offset);
    if (change.truncation) {
        content.resize(std::min(content.size(), offset));
        return;
    }
    content.resize(std::max(content.size(), offset + change.bytes.size()));
    std::copy(change.bytes.begin(), change.bytes.end(), content.begin() + change.offset);
}

// The parts of a write that lie in one sector each.
std::vector<Change> sectorsOf(const Change& write) {
    std::vector<Change> parts;
    const auto end = write.offset + static_cast<std::int64_t>(write.bytes.size());
    for (auto from = write.offset; from < end;) {
        const auto to = std::min(end, (from / sectorSize + 1) * sectorSize);
        parts.push_back(
            {from,
             {write.bytes.begin() + (from - write.offset), write.bytes.begin() + (to - write.offset)},
             false});
        from = to;
    }
    return parts;
}

int errorOf(FaultyDisk::Call call) {
    using Call = FaultyDisk::Call;
    switch (call) {
    case Call::open:
        return SQLITE_CANTOPEN;
    case Call::read:
        return SQLITE_IOERR_READ;
    case Call::write:
        return SQLITE_IOERR_WRITE;
    case Call::truncate:
        return SQLITE_IOERR_TRUNCATE;
    case Call::sync:
        return SQLITE_IOERR_FSYNC;
    case Call::remove:
        return SQLITE_IOERR_DELETE;
    case Call::share:
        return SQLITE_IOERR_SHMMAP;
    }
    return SQLITE_IOERR;
}

Bytes contentOf(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

void FaultyDisk::cutAt(std::uint64_t changes) {
    const std::scoped_lock lock(mutex_);
    changesLeft_ = changes;
}

bool FaultyDisk::isCut() const {
    const std::scoped_lock lock(mutex_);
    return cut_;
}

void FaultyDisk::swallowFlushes(std::string suffix) {
    const std::scoped_lock lock(mutex_);
    swallowed_ = std::move(suffix);
}

void FaultyDisk::failAt(std::uint64_t call, Fault fault, bool lasting) {
    const std::scoped_lock lock(mutex_);
    callsLeft_ = call;
    fault_ = fault;
    lasting_ = lasting;
    failed_ = false;
}

void FaultyDisk::heal() {
    const std::scoped_lock lock(mutex_);
    callsLeft_.reset();
}

bool FaultyDisk::hasFailed() const {
    const std::scoped_lock lock(mutex_);
    return failed_;
}

std::uint64_t FaultyDisk::flushes() const {
    const std::scoped_lock lock(mutex_);
    return flushes_;
}

FaultyDisk::Admission FaultyDisk::enter(Call call) {
    const std::scoped_lock lock(mutex_);
    flushes_ += call == Call::sync;
    if (cut_)
        return {errorOf(call)};
    if (changesLeft_ && call != Call::read && call != Call::share && --*changesLeft_ == 0) {
        cut_ = true;
        return {errorOf(call), call == Call::write};
    }
    const bool needsRoom = call == Call::write || call == Call::share;
    if (!callsLeft_ || (fault_ == Fault::full && !needsRoom) || --*callsLeft_ > 0)
        return {};
    failed_ = true;
    if (lasting_)
        callsLeft_ = 1;
    else
        callsLeft_.reset();
    return {fault_ == Fault::full ? SQLITE_FULL : errorOf(call), call == Call::write};
}

FaultyDisk::Inode* FaultyDisk::inodeOf(const std::string& name) {
    const auto known = names_.find(name);
    return known == names_.end() ? nullptr : known->second;
}

// A file that was there before this disk looked is on the platter as it is.
FaultyDisk::Inode* FaultyDisk::opened(const std::string& name, bool created) {
    const std::scoped_lock lock(mutex_);
    if (auto* known = inodeOf(name))
        return known;
    auto* inode = inodes_.emplace_back(std::make_unique<Inode>()).get();
    names_[name] = inode;
    if (created) {
        unflushedNames_.push_back({name, inode});
    } else {
        inode->durable = contentOf(name);
        durableNames_[name] = inode;
    }
    return inode;
}

void FaultyDisk::wrote(Inode& inode, std::int64_t offset, ByteView bytes) {
    const std::scoped_lock lock(mutex_);
    inode.unflushed.push_back({offset, {bytes.begin(), bytes.end()}, false});
}

void FaultyDisk::truncated(Inode& inode, std::int64_t size) {
    const std::scoped_lock lock(mutex_);
    inode.unflushed.push_back({size, {}, true});
}

void FaultyDisk::flushNames() {
    for (const auto& [name, inode] : unflushedNames_)
        inode ? void(durableNames_[name] = inode) : void(durableNames_.erase(name));
    unflushedNames_.clear();
}

void FaultyDisk::flushed(Inode& inode, bool namesToo) {
    const std::scoped_lock lock(mutex_);
    const bool lied = !swallowed_.empty() && std::any_of(names_.begin(), names_.end(), [&](const auto& name) {
        return name.second == &inode && name.first.ends_with(swallowed_);
    });
    if (!lied) {
        for (const auto& change : inode.unflushed)
            apply(inode.durable, change);
        inode.unflushed.clear();
    }
    if (namesToo)
        flushNames();
}

void FaultyDisk::removed(const std::string& name, bool flushedToo) {
    const std::scoped_lock lock(mutex_);
    names_.erase(name);
    unflushedNames_.push_back({name, nullptr});
    if (flushedToo)
        flushNames();
}

void FaultyDisk::powerOn(std::mt19937_64& random) {
    const std::scoped_lock lock(mutex_);
    // Some cuts keep nearly all of it, some next to nothing.
    const double share = std::uniform_int_distribution<>(0, 4)(random) / 4.0;
    std::bernoulli_distribution survives(share);
    for (const auto& change : unflushedNames_)
        if (survives(random))
            change.inode ? void(durableNames_[change.name] = change.inode)
                         : void(durableNames_.erase(change.name));
    for (const auto& inode : inodes_)
        for (const auto& change : inode->unflushed)
            for (const auto& part : change.truncation ? std::vector{change} : sectorsOf(change))
                if (survives(random))
                    apply(inode->durable, part);
    std::map<std::string, Inode*> everyName = names_;
    everyName.insert(durableNames_.begin(), durableNames_.end());
    for (const auto& [name, inode] : everyName) {
        const auto left = durableNames_.find(name);
        std::filesystem::remove(name + "-shm");
        if (left == durableNames_.end()) {
            std::filesystem::remove(name);
            continue;
        }
        std::ofstream(name, std::ios::binary | std::ios::trunc)
            .write(reinterpret_cast<const char*>(left->second->durable.data()),
                   static_cast<std::streamsize>(left->second->durable.size()));
    }
    inodes_.clear();
    names_.clear();
    durableNames_.clear();
    unflushedNames_.clear();
    changesLeft_.reset();
    cut_ = false;
}

} // namespace ykt::test
