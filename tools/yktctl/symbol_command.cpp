// The symbols in pictures, found by the very code that the terminal runs.
#include "base/hex.h"
#include "drivers/simulated/image.h"
#include "drivers/system/clock.h"
#include "qr/symbol_reader.h"
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
};

bool isPicture(const fs::path& file) {
    constexpr std::array<std::string_view, 4> endings{".png", ".pgm", ".jpg", ".jpeg"};
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
        return fail(Reason::symbol_not_found, folder.string() + ": no PNG, PGM or JPEG file");
    std::ranges::sort(pictures);
    return pictures;
}

class PictureReader {
  public:
    // Prints one line for each symbol, or one that says why there is none.
    Ending read(const fs::path& file) {
        const auto image = drivers::loadLuma(file);
        if (!image)
            return printFailure(file, image.error(), nullptr);
        const auto before = clock_.now().monotonic;
        const auto symbols = reader_.read(image->frame());
        const std::chrono::duration<double, std::milli> took = clock_.now().monotonic - before;
        const Json ms = std::round(took.count() * 1000) / 1000;
        if (!symbols)
            return printFailure(file, symbols.error(), ms);
        for (const auto& symbol : *symbols) {
            const auto text = toText(symbol.payload);
            printLine({{"file", file.string()},
                       {"found", true},
                       {"payload", toHex(symbol.payload)},
                       {"text", isUtf8(text) ? Json(text) : Json(nullptr)},
                       {"ms", ms}});
        }
        return Ending::done;
    }

  private:
    static Ending printFailure(const fs::path& file, const Error& error, const Json& ms) {
        Json line{
            {"file", file.string()}, {"found", false}, {"payload", nullptr}, {"text", nullptr}, {"ms", ms}};
        if (error.reason != Reason::symbol_not_found) {
            line["error"] = nameOf(error.reason);
            line["context"] = error.context;
        }
        printLine(line);
        return endingOf(error.reason);
    }

    drivers::SystemClock clock_;
    qr::SymbolReader reader_{clock_};
};

Ending decodeSymbols(const SymbolOptions& options) {
    PictureReader reader;
    auto ending = Ending::done;
    for (const auto& path : options.paths) {
        std::error_code ignored;
        if (!fs::is_directory(path, ignored)) {
            ending = worse(ending, reader.read(path));
            continue;
        }
        const auto pictures = picturesIn(path);
        if (!pictures) {
            ending = worse(ending, complain(pictures.error()));
            continue;
        }
        for (const auto& picture : *pictures)
            ending = worse(ending, reader.read(picture));
    }
    return ending;
}

} // namespace

void addSymbolCommand(CLI::App& app, Run& run) {
    auto& command = *app.add_subcommand("decode-symbol", "Find the QR symbols in pictures");
    auto options = std::make_shared<SymbolOptions>();
    command.add_option("IMAGE_OR_FOLDER", options->paths, "PNG, PGM or JPEG files, or folders of them")
        ->required();
    command.footer("Example:\n  yktctl decode-symbol frames/ screenshot.png");
    onChosen(command, run, options, decodeSymbols);
}

} // namespace ykt::tools
