// docs/reasons.md is base/reason_list.h as a page. YKT_UPDATE=1 writes it anew.
#include "base/reason.h"
#include "tests/source_dir.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

using namespace ykt;

namespace {

std::string_view whoSaidNo(Origin origin) {
    switch (origin) {
    case Origin::terminal:
        return "the terminal failed";
    case Origin::medium:
        return "the card or code";
    case Origin::rules:
        return "the rules";
    }
    return {};
}

std::string renderPage() {
    std::ostringstream page;
    page << "# Reasons\n\n"
            "Why something was not done: every reason that a log, a record, the panel or a tool can name, by "
            "layer.\n"
            "Generated from `base/reason_list.h`; `YKT_UPDATE=1 build/dev/bin/test_base` writes it anew.\n\n"
            "Three kinds of 'no' never look alike: the terminal failed, the card or code said no, or the "
            "rules said "
            "no.\n";
    std::optional<Layer> layer;
    for (const auto& info : allReasons()) {
        if (layer != info.layer)
            page << "\n## " << nameOf(info.layer)
                 << "\n\n| reason | who said no | meaning | remedy | holder (zh) | holder (en) |\n"
                    "| --- | --- | --- | --- | --- | --- |\n";
        layer = info.layer;
        page << "| `" << info.name << "` | " << whoSaidNo(info.origin) << " | " << info.meaning << " | "
             << info.remedy << " | " << info.holderZh << " | " << info.holderEn << " |\n";
    }
    return page.str();
}

std::string readFile(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

void writeFile(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

} // namespace

TEST_CASE("docs/reasons.md is the list of reasons as a page") {
    const std::filesystem::path page = test::sourceDir() / "docs/reasons.md";
    const auto expected = renderPage();
    if (std::getenv("YKT_UPDATE") != nullptr)
        writeFile(page, expected);
    const bool upToDate = readFile(page) == expected;
    if (!upToDate)
        writeFile("reasons.expected.md", expected);
    INFO("The expected page is " << std::filesystem::absolute("reasons.expected.md")
                                 << ". To update: YKT_UPDATE=1 build/dev/bin/test_base");
    CHECK(upToDate);
}

TEST_CASE("no text of a reason breaks the page's tables") {
    for (const auto& info : allReasons())
        for (const auto text : {info.meaning, info.remedy, info.holderZh, info.holderEn})
            CHECK(text.find_first_of("|\n") == std::string_view::npos);
}

TEST_CASE("the reasons of a layer stand together") {
    std::vector<Layer> layers;
    for (const auto& info : allReasons())
        if (layers.empty() || layers.back() != info.layer)
            layers.push_back(info.layer);
    auto sorted = layers;
    std::sort(sorted.begin(), sorted.end());
    CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
}
