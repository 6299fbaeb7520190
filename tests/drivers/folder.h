// A folder for one test, gone at its end, and image files in it.
#pragma once

#include "base/bytes.h"
#include "tests/temporary_folder.h"

#include <fstream>
#include <png.h>

struct Folder {
    std::filesystem::path write(const std::string& name, ykt::ByteView bytes) const {
        std::ofstream(path / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return path / name;
    }
    std::filesystem::path write(const std::string& name, std::string_view text) const {
        return write(name, ykt::asBytes(text));
    }

    ykt::test::TemporaryFolder folder;
    std::filesystem::path path = folder.path();
};

// A PGM of one pixel.
inline std::string onePixel(char grey) {
    return std::string("P5 1 1 255\n") + grey;
}

// A PNG in memory; `rows` as libpng takes them (16-bit samples big-endian).
inline ykt::Bytes png(std::uint32_t width, std::uint32_t height, int depth, int colour, ykt::Bytes rows) {
    ykt::Bytes file;
    png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(writer);
    png_set_write_fn(
        writer, &file,
        [](png_structp self, png_bytep bytes, png_size_t size) {
            auto* out = static_cast<ykt::Bytes*>(png_get_io_ptr(self));
            out->insert(out->end(), bytes, bytes + size);
        },
        nullptr);
    png_set_IHDR(writer, info, width, height, depth, colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writer, info);
    for (std::uint32_t y = 0; y < height; ++y)
        png_write_row(writer, rows.data() + y * (rows.size() / height));
    png_write_end(writer, nullptr);
    png_destroy_write_struct(&writer, &info);
    return file;
}
