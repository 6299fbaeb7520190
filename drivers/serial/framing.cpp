#include "drivers/serial/framing.h"

#include "base/base64.h"
#include "base/hex.h"

#include <algorithm>

namespace ykt::drivers::serial {
namespace {

constexpr std::uint8_t stx = 0x02;
constexpr std::uint8_t etx = 0x03;
// ISO/IEC 15424, and ISO/IEC 18004: "]Q1" is QR Model 2 without the ECI protocol, so that bytes are as
// encoded. With it ("]Q2") they would hold escapes.
constexpr std::string_view qrPrefix = "]Q1";

std::size_t longestContentOf(const FrameSettings& settings) {
    const std::size_t prefix = settings.aimPrefix ? qrPrefix.size() : 0;
    switch (settings.encoding) {
    case Encoding::raw:
        break;
    case Encoding::hex:
        return prefix + 2 * longestPayload;
    case Encoding::base64:
        return prefix + (longestPayload + 2) / 3 * 4;
    }
    return prefix + longestPayload;
}

Result<Bytes> decoded(ByteView content, Encoding encoding) {
    switch (encoding) {
    case Encoding::raw:
        break;
    case Encoding::hex:
        return fromHex(toText(content));
    case Encoding::base64:
        return fromBase64(toText(content));
    }
    return Bytes(content.begin(), content.end());
}

// The payload of a whole frame; nullopt: it is to be refused.
std::optional<Bytes> payloadOf(ByteView content, const FrameSettings& settings) {
    if (settings.aimPrefix) {
        const auto prefix = asBytes(qrPrefix);
        if (content.size() < prefix.size() || !std::ranges::equal(content.first(prefix.size()), prefix))
            return std::nullopt;
        content = content.subspan(prefix.size());
    }
    auto payload = decoded(content, settings.encoding);
    if (!payload || payload->empty() || payload->size() > longestPayload)
        return std::nullopt;
    return std::move(*payload);
}

} // namespace

FrameReader::FrameReader(FrameSettings settings)
    : settings_(std::move(settings)), longestContent_(longestContentOf(settings_)) {}

std::optional<Bytes> FrameReader::feed(std::uint8_t byte) {
    switch (settings_.framing) {
    case Framing::suffix:
        return feedSuffixed(byte);
    case Framing::stx_etx:
        return feedEnclosed(byte);
    case Framing::length:
        break;
    }
    return feedCounted(byte);
}

void FrameReader::pause() {
    if (state_ == State::inside)
        ++discards_.halves;
    state_ = State::outside;
    content_.clear();
}

std::optional<Bytes> FrameReader::feedSuffixed(std::uint8_t byte) {
    if (state_ == State::outside)
        begin();
    append(byte, longestContent_ + settings_.suffix.size());
    if (!endsWithSuffix())
        return std::nullopt;
    content_.resize(content_.size() - settings_.suffix.size());
    return end();
}

// A second STX begins anew: the first one's ETX was lost, or it was noise.
std::optional<Bytes> FrameReader::feedEnclosed(std::uint8_t byte) {
    if (byte == stx) {
        pause();
        begin();
        return std::nullopt;
    }
    if (state_ == State::outside) {
        ++discards_.noise;
        return std::nullopt;
    }
    if (byte == etx)
        return end();
    append(byte, longestContent_);
    return std::nullopt;
}

// A length that cannot be tells of lost bytes: only a pause shows where the next one stands.
std::optional<Bytes> FrameReader::feedCounted(std::uint8_t byte) {
    if (state_ == State::outside)
        begin();
    append(byte, settings_.lengthBytes + longestContent_);
    if (state_ == State::skipping || content_.size() < settings_.lengthBytes)
        return std::nullopt;
    if (announced() > longestContent_) {
        ++discards_.overlong;
        state_ = State::skipping;
        return std::nullopt;
    }
    if (content_.size() < settings_.lengthBytes + announced())
        return std::nullopt;
    content_.erase(content_.begin(), content_.begin() + static_cast<std::ptrdiff_t>(settings_.lengthBytes));
    return end();
}

void FrameReader::begin() {
    state_ = State::inside;
    content_.clear();
}

// While a frame is skipped, only as much of it is kept as tells its end.
void FrameReader::append(std::uint8_t byte, std::size_t most) {
    content_.push_back(byte);
    if (state_ == State::inside && content_.size() > most) {
        ++discards_.overlong;
        state_ = State::skipping;
    }
    if (state_ == State::skipping && content_.size() > settings_.suffix.size())
        content_.erase(content_.begin(),
                       content_.end() - static_cast<std::ptrdiff_t>(settings_.suffix.size()));
}

std::optional<Bytes> FrameReader::end() {
    const bool whole = state_ == State::inside;
    state_ = State::outside;
    if (!whole || content_.empty())
        return std::nullopt;
    auto payload = payloadOf(content_, settings_);
    if (!payload)
        ++discards_.refused;
    return payload;
}

std::size_t FrameReader::announced() const {
    Bytes length(content_.begin(), content_.begin() + static_cast<std::ptrdiff_t>(settings_.lengthBytes));
    if (!settings_.bigEndian)
        std::ranges::reverse(length);
    return readBigEndian(length);
}

bool FrameReader::endsWithSuffix() const {
    const auto& suffix = settings_.suffix;
    return content_.size() >= suffix.size() &&
           std::equal(suffix.begin(), suffix.end(),
                      content_.end() - static_cast<std::ptrdiff_t>(suffix.size()));
}

} // namespace ykt::drivers::serial
