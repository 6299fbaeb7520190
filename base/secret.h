// Types for what must never be printed, logged, formatted or compared by accident. They wipe themselves.
#pragma once

#include "base/bytes.h"

#include <string>
#include <type_traits>
#include <utility>

namespace ykt {

// Key material. Move-only; bytes are reachable only through reveal(), which a reviewer can search for.
class Secret {
  public:
    Secret() = default;
    explicit Secret(Bytes&& bytes) : bytes_(std::move(bytes)) {}
    static Secret copyOf(ByteView bytes) { return Secret(Bytes(bytes.begin(), bytes.end())); }

    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe(bytes_);
            bytes_ = std::exchange(other.bytes_, {});
        }
        return *this;
    }
    ~Secret() { wipe(bytes_); }

    [[nodiscard]] ByteView reveal() const { return bytes_; }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] Secret clone() const { return copyOf(bytes_); }

    bool operator==(const Secret&) const = delete;

  private:
    Bytes bytes_;
};

// A name, an identity number: copyable (an identity is a value), but reachable only through reveal().
template <typename T>
class PersonalData {
  public:
    PersonalData() = default;
    explicit PersonalData(T value) : value_(std::move(value)) {}
    PersonalData(const PersonalData&) = default;
    PersonalData(PersonalData&&) noexcept = default;
    PersonalData& operator=(const PersonalData& other) {
        if (this != &other) {
            wipeValue();
            value_ = other.value_;
        }
        return *this;
    }
    PersonalData& operator=(PersonalData&& other) noexcept {
        if (this != &other) {
            wipeValue();
            value_ = std::move(other.value_);
        }
        return *this;
    }
    ~PersonalData() { wipeValue(); }

    [[nodiscard]] const T& reveal() const { return value_; }

    bool operator==(const PersonalData&) const = delete;

  private:
    void wipeValue() {
        if constexpr (std::is_trivially_copyable_v<T>)
            wipe({reinterpret_cast<std::uint8_t*>(&value_), sizeof value_});
        else {
            value_.resize(value_.capacity()); // what a move or a shorter value left behind goes too
            wipe({reinterpret_cast<std::uint8_t*>(value_.data()), value_.size() * sizeof(*value_.data())});
            value_.clear();
        }
    }

    T value_{};
};

} // namespace ykt
