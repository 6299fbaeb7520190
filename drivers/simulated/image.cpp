#include "drivers/simulated/image.h"

#include "drivers/jpeg.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <png.h>
#include <webp/decode.h>

namespace ykt::drivers {
namespace {

constexpr int kLongestSide = 8192;
constexpr std::uintmax_t kLargestFile = 64ULL << 20;
constexpr unsigned kMostGreys = 65535;
constexpr std::array<std::uint8_t, 8> kPngSignature{0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};
constexpr std::array<std::uint8_t, 2> kPgmSignature{'P', '5'};
constexpr std::array<std::uint8_t, 3> kJpegSignature{0xFF, 0xD8, 0xFF};
constexpr std::array<std::uint8_t, 4> kRiffSignature{'R', 'I', 'F', 'F'}; // then the size, then "WEBP"

bool startsWith(ByteView bytes, ByteView signature) {
    return bytes.size() >= signature.size() && std::ranges::equal(bytes.first(signature.size()), signature);
}

bool isSide(std::uint64_t pixels) {
    return pixels >= 1 && pixels <= kLongestSide;
}

Result<Image> decodePng(ByteView file) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&png, file.data(), file.size()) == 0)
        return fail(Reason::frame_invalid, "PNG header");
    if (!isSide(png.width) || !isSide(png.height)) {
        png_image_free(&png);
        return fail(Reason::frame_invalid, "PNG size");
    }
    png.format = PNG_FORMAT_GRAY;
    png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; // as with 8 bits; libpng would take 16 bits for linear light
    Image image{.width = static_cast<int>(png.width), .height = static_cast<int>(png.height), .luma = {}};
    image.luma.resize(PNG_IMAGE_SIZE(png));
    const png_color white{255, 255, 255};
    if (png_image_finish_read(&png, &white, image.luma.data(), 0, nullptr) == 0)
        return fail(Reason::frame_invalid, "PNG data");
    return image;
}

// A number of a PGM header, after white space and comments; consumed from `rest`.
std::optional<unsigned> takeNumber(std::string_view& rest) {
    constexpr std::string_view space = " \t\r\n\v\f";
    for (;;) {
        rest.remove_prefix(std::min(rest.find_first_not_of(space), rest.size()));
        if (!rest.starts_with('#'))
            break;
        rest.remove_prefix(std::min(rest.find('\n'), rest.size()));
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc{})
        return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return value;
}

// netpbm's pgm(5): P5 width height maxval, one white space, rows; two bytes a pixel from 256 levels on.
Result<Image> decodePgm(ByteView file) {
    std::string_view rest(reinterpret_cast<const char*>(file.data()), file.size());
    rest.remove_prefix(kPgmSignature.size());
    const auto width = takeNumber(rest);
    const auto height = takeNumber(rest);
    const auto greys = takeNumber(rest);
    if (!width || !height || !greys || *greys == 0 || *greys > kMostGreys || rest.empty())
        return fail(Reason::frame_invalid, "PGM header");
    if (!isSide(*width) || !isSide(*height))
        return fail(Reason::frame_invalid, "PGM size");
    const std::size_t pixelBytes = *greys > 255 ? 2 : 1;
    const std::size_t pixels = std::size_t{*width} * *height;
    const ByteView data = file.last(rest.size() - 1);
    if (data.size() < pixels * pixelBytes)
        return fail(Reason::frame_invalid, "PGM data");

    Image image{
        .width = static_cast<int>(*width), .height = static_cast<int>(*height), .luma = Bytes(pixels)};
    for (std::size_t i = 0; i < pixels; ++i) {
        const auto grey =
            std::min<std::uint64_t>(readBigEndian(data.subspan(i * pixelBytes, pixelBytes)), *greys);
        image.luma[i] = static_cast<std::uint8_t>(grey * 255 / *greys);
    }
    return image;
}

Result<Image> decodeJpeg(ByteView file) {
    Image image;
    if (const auto decoded = JpegDecoder().decode(file, kLongestSide, image); !decoded)
        return failWith(decoded);
    return image;
}

// BT.601, what is transparent over white.
std::uint8_t lumaOf(const std::uint8_t* rgba) {
    const unsigned luma = (299U * rgba[0] + 587U * rgba[1] + 114U * rgba[2] + 500U) / 1000U;
    const unsigned opacity = rgba[3];
    return static_cast<std::uint8_t>((luma * opacity + 255U * (255U - opacity) + 127U) / 255U);
}

Result<Image> decodeWebp(ByteView file) {
    WebPBitstreamFeatures features{};
    if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK || features.has_animation != 0)
        return fail(Reason::frame_invalid, "WebP header");
    if (features.width < 1 || features.width > kLongestSide || features.height < 1 ||
        features.height > kLongestSide)
        return fail(Reason::frame_invalid, "WebP size");
    const auto pixels = static_cast<std::size_t>(features.width) * static_cast<std::size_t>(features.height);
    Bytes rgba(4 * pixels);
    if (WebPDecodeRGBAInto(file.data(), file.size(), rgba.data(), rgba.size(), 4 * features.width) == nullptr)
        return fail(Reason::frame_invalid, "WebP data");
    Image image{.width = features.width, .height = features.height, .luma = Bytes(pixels)};
    for (std::size_t i = 0; i < pixels; ++i)
        image.luma[i] = lumaOf(&rgba[4 * i]);
    return image;
}

Result<Bytes> readFile(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return fail(Reason::frame_invalid, path.string() + ": no such file");
    const auto size = std::filesystem::file_size(path, error);
    if (error || size > kLargestFile)
        return fail(Reason::frame_invalid, path.string() + ": file too large");
    Bytes bytes(size);
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
        return fail(Reason::frame_invalid, path.string() + ": cannot be read");
    return bytes;
}

Result<Image> decode(ByteView file) {
    if (startsWith(file, kPngSignature))
        return decodePng(file);
    if (startsWith(file, kPgmSignature))
        return decodePgm(file);
    if (startsWith(file, kJpegSignature))
        return decodeJpeg(file);
    if (startsWith(file, kRiffSignature))
        return decodeWebp(file);
    return fail(Reason::frame_invalid, "neither PNG, JPEG, WebP nor binary PGM");
}

} // namespace

Result<Image> loadLuma(const std::filesystem::path& path) {
    const auto file = readFile(path);
    if (!file)
        return failWith(file);
    auto image = decode(*file);
    if (!image)
        return fail(image.error().reason, path.string() + ": " + image.error().context);
    return image;
}

} // namespace ykt::drivers
