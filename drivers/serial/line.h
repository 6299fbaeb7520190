// A serial line of the machine, set up for raw bytes.
#pragma once

#include "base/result.h"
#include "drivers/notice.h"
#include "drivers/serial/settings.h"

#include <utility>

namespace ykt::drivers::serial {

class Line {
  public:
    // Exclusive, not blocking; what waited on it is discarded. Says it where the line does not take a
    // setting. Errors: camera_gone (absent, in use, not allowed, no serial line).
    static Result<Line> open(const std::filesystem::path& device, const LineSettings& settings,
                             NoticeBoard& notices);
    ~Line();
    Line(Line&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Line& operator=(Line&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }

    [[nodiscard]] int descriptor() const { return descriptor_; }
    // What is there now, at most 4096 bytes; empty: nothing. Errors: camera_gone.
    [[nodiscard]] Result<Bytes> read() const;

  private:
    explicit Line(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

} // namespace ykt::drivers::serial
