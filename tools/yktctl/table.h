// Aligned columns for people.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace ykt::tools {

class Table {
  public:
    struct Column {
        std::string title;
        std::size_t least = 0; // columns wide, so that tables printed one after the other align
        bool rightAligned = false;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    // Two columns without titles: names and values.
    static Table ofFields() { return Table({{}, {}}); }

    void add(std::vector<std::string> cells); // as many as there are columns
    void print(std::ostream& out, bool withTitles) const;

  private:
    void printRow(std::ostream& out, const std::vector<std::string>& cells,
                  const std::vector<std::size_t>& widths) const;
    [[nodiscard]] std::vector<std::size_t> widths(bool withTitles) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace ykt::tools
