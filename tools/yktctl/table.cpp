#include "tools/yktctl/table.h"

#include "tools/yktctl/utf8.h"

#include <algorithm>
#include <ostream>

namespace ykt::tools {
namespace {

constexpr std::string_view gap = "  ";

} // namespace

void Table::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    std::ranges::transform(cells, cells.begin(), [](const std::string& cell) { return harmless(cell); });
    rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out, bool withTitles) const {
    const auto columnWidths = widths(withTitles);
    if (withTitles) {
        std::vector<std::string> titles;
        std::ranges::transform(columns_, std::back_inserter(titles), &Column::title);
        printRow(out, titles, columnWidths);
    }
    for (const auto& row : rows_)
        printRow(out, row, columnWidths);
}

std::vector<std::size_t> Table::widths(bool withTitles) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        auto width = std::max(columns_[i].least, withTitles ? columnsOf(columns_[i].title) : 0);
        for (const auto& row : rows_)
            width = std::max(width, columnsOf(row[i]));
        found.push_back(width);
    }
    return found;
}

void Table::printRow(std::ostream& out, const std::vector<std::string>& cells,
                     const std::vector<std::size_t>& widths) const {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string padding(widths[i] - columnsOf(cells[i]), ' ');
        line += columns_[i].rightAligned ? padding + cells[i] : cells[i] + padding;
        line += gap;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
}

} // namespace ykt::tools
