// The symbols in pictures, found by the very code that the terminal runs.
#include "base/hex.h"
#include "drivers/simulated/image.h"
#include "drivers/system/clock.h"
#include "qr/symbol_reader.h"
#include "tools/yktctl/annotate.h"
#include "tools/yktctl/json.h"
#include "tools/yktctl/run.h"
#include "tools/yktctl/utf8.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>

namespace ykt::tools {
namespace {

namespace fs = std::filesystem;

struct SymbolOptions {
    std::vector<fs::path> paths;
    fs::path annotate; // empty: not asked for
};

bool isPicture(const fs::path& file) {
    constexpr std::array<std::string_view, 5> endings{".png", ".pgm", ".jpg", ".jpeg", ".webp"};
    auto ending = file.extension().string();
    std::ranges::transform(ending, ending.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return std::ranges::find(endings, ending) != endings.end();
}

// The pictures of a folder in name order. Errors: config_unreadable, symbol_not_found (no picture in it).
Result<std::vector<fs::path>> picturesIn(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> pictures;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if (isPicture(at->path()))
            pictures.push_back(at->path());
    if (error)
        return fail(Reason::config_unreadable, folder.string() + ": " + error.message());
    if (pictures.empty())
        return fail(Reason::symbol_not_found, folder.string() + ": no PNG, PGM, JPEG or WebP file");
    std::ranges::sort(pictures);
    return pictures;
}

Json cornersOf(const qr::Symbol& symbol) {
    auto corners = Json::array();
    for (const auto& corner : symbol.corners)
        corners.push_back({std::round(corner.x * 10.0) / 10, std::round(corner.y * 10.0) / 10});
    return corners;
}

class PictureReader {
  public:
    // Prints one line for each symbol, or one that says why there is none, and draws them into the file
    // `annotated` if one is named.
    Ending read(const fs::path& file, const fs::path& annotated) {
        const auto image = drivers::loadLuma(file);
        if (!image)
            return printFailure(file, image.error(), nullptr);
        const auto before = clock_.now().monotonic;
        // No other frame follows: the picture is looked at by itself, with the time for every pass.
        const auto symbols =
            qr::SymbolReader(clock_, {.budget = std::chrono::seconds{2}}).read(image->frame());
        const std::chrono::duration<double, std::milli> took = clock_.now().monotonic - before;
        const Json ms = std::round(took.count() * 1000) / 1000;
        const auto drawn = draw(file, *image, symbols.value_or(std::vector<qr::Symbol>{}), annotated);
        if (!symbols)
            return worse(printFailure(file, symbols.error(), ms), drawn);
        for (const auto& symbol : *symbols) {
            const auto text = toText(symbol.payload);
            printLine({{"file", file.string()},
                       {"found", true},
                       {"payload", toHex(symbol.payload)},
                       {"text", isUtf8(text) ? Json(text) : Json(nullptr)},
                       {"pass", symbol.pass},
                       {"corners", cornersOf(symbol)},
                       {"ms", ms}});
        }
        return drawn;
    }

  private:
    static Ending draw(const fs::path& file, const hal::Image& image, const std::vector<qr::Symbol>& symbols,
                       const fs::path& annotated) {
        if (annotated.empty())
            return Ending::done;
        std::error_code ignored;
        if (fs::equivalent(file, annotated, ignored))
            return complain({Reason::config_unreadable, annotated.string() + ": would replace the picture"});
        const auto written = annotate(image, symbols, annotated);
        return written ? Ending::done : complain(written.error());
    }

    static Ending printFailure(const fs::path& file, const Error& error, const Json& ms) {
        Json line{{"file", file.string()},
                  {"found", false},
                  {"payload", nullptr},
                  {"text", nullptr},
                  {"pass", nullptr},
                  {"corners", nullptr},
                  {"ms", ms}};
        if (error.reason != Reason::symbol_not_found) {
            line["error"] = nameOf(error.reason);
            line["context"] = error.context;
        }
        printLine(line);
        return endingOf(error.reason);
    }

    drivers::SystemClock clock_;
};

Ending readFolder(const fs::path& folder, const fs::path& annotated, PictureReader& reader) {
    const auto pictures = picturesIn(folder);
    if (!pictures)
        return complain(pictures.error());
    std::error_code error;
    if (!annotated.empty() && (fs::create_directories(annotated, error), error))
        return complain({Reason::config_unreadable, annotated.string() + ": " + error.message()});
    auto ending = Ending::done;
    for (const auto& picture : *pictures) {
        auto name = picture.filename();
        if (name.extension() != ".png")
            name += ".png";
        ending = worse(ending, reader.read(picture, annotated.empty() ? fs::path{} : annotated / name));
    }
    return ending;
}

Ending decodeSymbols(const SymbolOptions& options) {
    if (!options.annotate.empty() && options.paths.size() > 1)
        return complain({Reason::input_malformed, "--annotate takes one picture or one folder"});
    PictureReader reader;
    auto ending = Ending::done;
    for (const auto& path : options.paths) {
        std::error_code ignored;
        ending = worse(ending, fs::is_directory(path, ignored) ? readFolder(path, options.annotate, reader)
                                                               : reader.read(path, options.annotate));
    }
    return ending;
}

} // namespace

void addSymbolCommand(CLI::App& app, Run& run) {
    auto& command = *app.add_subcommand("decode-symbol", "Find the QR symbols in pictures");
    auto options = std::make_shared<SymbolOptions>();
    command.add_option("IMAGE_OR_FOLDER", options->paths, "PNG, PGM, JPEG or WebP files, or folders of them")
        ->required();
    command.add_option(
        "--annotate", options->annotate,
        "Draw what was found, and by which pass, into this PNG; of a folder, into PNGs in this "
        "folder");
    command.footer("Example:\n  yktctl decode-symbol frames/ screenshot.png\n"
                   "  yktctl decode-symbol frame.png --annotate seen.png");
    onChosen(command, run, options, decodeSymbols);
}

} // namespace ykt::tools
