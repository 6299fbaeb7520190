#include "sim/scene/image.h"

#include <png.h>

namespace ykt::sim {

Result<void> writePng(const std::filesystem::path& path, const Image& image) {
    if (image.width <= 0 || image.height <= 0 ||
        image.luma.size() != static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height))
        return fail(Reason::frame_invalid, "image for " + path.string());
    png_image header{};
    header.version = PNG_IMAGE_VERSION;
    header.width = static_cast<png_uint_32>(image.width);
    header.height = static_cast<png_uint_32>(image.height);
    header.format = PNG_FORMAT_GRAY;
    const auto temporary = std::filesystem::path(path).replace_extension(".tmp");
    if (png_image_write_to_file(&header, temporary.c_str(), 0, image.luma.data(), 0, nullptr) == 0)
        return fail(Reason::frame_invalid, "writing " + temporary.string());
    std::error_code problem;
    std::filesystem::rename(temporary, path, problem);
    if (problem)
        return fail(Reason::frame_invalid, "renaming to " + path.string());
    return {};
}

} // namespace ykt::sim
