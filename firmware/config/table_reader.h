// Strict reading of one TOML table. What is wrong becomes a complaint and the reading goes on with an empty
// value.
#pragma once

#include "firmware/config/complaints.h"

#include <filesystem>
#include <set>
#include <toml++/toml.h>

namespace ykt::firmware::config {

// What a text must look like, and the words for it.
struct Form {
    bool (*fits)(std::string_view text);
    std::string_view words;
};

class TableReader {
  public:
    // `table` null: it was missing or no table, which was complained about; nothing more is said about its
    // settings.
    TableReader(const toml::table* table, std::string path, const std::filesystem::path& folder,
                Complaints& complaints);

    std::string text(const std::string& key, const Form& form);
    // A file or folder, relative to the profile's own folder. Empty if there is none to name.
    std::filesystem::path path(const std::string& key);
    std::int64_t integer(const std::string& key, std::int64_t least, std::int64_t most);
    bool boolean(const std::string& key);
    // Lists, whose faults are told with the place in them; one with a fault is empty.
    std::vector<std::string> texts(const std::string& key, const Form& form);
    std::vector<std::int64_t> integers(const std::string& key, std::int64_t least, std::int64_t most);
    std::vector<std::vector<std::int64_t>> listsOfIntegers(const std::string& key, std::int64_t least,
                                                           std::int64_t most);
    TableReader table(const std::string& key);
    // Each entry of a list of tables; a list that is not there is empty.
    std::vector<TableReader> tables(const std::string& key);

    // Whether a setting that may be left out is there.
    bool given(const std::string& key);
    // About a setting, at its line; about a missing one, at the line of its table.
    void complain(const std::string& key, const std::string& complaint);
    // Complains about every setting that nobody asked for.
    void close();

  private:
    const toml::node* node(const std::string& key);
    // The list of that name, not empty; null: complained about.
    const toml::array* list(const std::string& key, std::string_view words);
    std::vector<std::int64_t> integersOf(const toml::array& list, const std::string& key, std::int64_t least,
                                         std::int64_t most);
    void complainAt(const toml::node& place, const std::string& key, const std::string& complaint);
    [[nodiscard]] std::string pathOf(const std::string& key) const;

    const toml::table* table_;
    std::string path_;
    const std::filesystem::path* folder_;
    Complaints* complaints_;
    std::set<std::string> asked_;
};

} // namespace ykt::firmware::config
