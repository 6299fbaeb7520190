#include "firmware/config/table_reader.h"

#include "firmware/config/forms.h"

#include <algorithm>

namespace ykt::firmware::config {

TableReader::TableReader(const toml::table* table, std::string path, const std::filesystem::path& folder,
                         Complaints& complaints)
    : table_(table), path_(std::move(path)), folder_(&folder), complaints_(&complaints) {}

std::string TableReader::text(const std::string& key, const Form& form) {
    const auto* found = node(key);
    if (!found)
        return {};
    const auto* text = found->as_string();
    if (text && form.fits(text->get()))
        return text->get();
    complain(key, "not of the right form; give " + std::string(form.words));
    return {};
}

std::filesystem::path TableReader::path(const std::string& key) {
    const auto name = text(key, forms::somePath);
    return name.empty() ? std::filesystem::path{} : (*folder_ / name).lexically_normal();
}

std::int64_t TableReader::integer(const std::string& key, std::int64_t least, std::int64_t most) {
    const auto* found = node(key);
    if (!found)
        return least;
    const auto* number = found->as_integer();
    if (number && number->get() >= least && number->get() <= most)
        return number->get();
    complain(key, "not a number in range; give a whole number from " + std::to_string(least) + " to " +
                      std::to_string(most));
    return least;
}

TableReader TableReader::table(const std::string& key) {
    const auto* found = node(key);
    if (found && !found->is_table())
        complain(key, "not a table; write it as [" + pathOf(key) + "]");
    return {found ? found->as_table() : nullptr, pathOf(key), *folder_, *complaints_};
}

std::vector<TableReader> TableReader::tables(const std::string& key) {
    std::vector<TableReader> readers;
    if (!given(key))
        return readers;
    const auto* list = table_->get(key)->as_array();
    if (!list || !std::ranges::all_of(*list, [](const auto& entry) { return entry.is_table(); })) {
        complain(key, "not a list of tables; write each entry as { ... } or under [[" + pathOf(key) + "]]");
        return readers;
    }
    for (std::size_t i = 0; i < list->size(); ++i)
        readers.emplace_back(list->get_as<toml::table>(i), pathOf(key) + "[" + std::to_string(i) + "]",
                             *folder_, *complaints_);
    return readers;
}

bool TableReader::given(const std::string& key) {
    asked_.insert(key);
    return table_ && table_->contains(key);
}

void TableReader::complain(const std::string& key, const std::string& complaint) {
    const auto* found = table_ ? table_->get(key) : nullptr;
    const auto line = found ? found->source().begin.line : table_ ? table_->source().begin.line : 1;
    complaints_->add(line, pathOf(key), complaint);
}

void TableReader::close() {
    if (!table_)
        return;
    std::string known;
    for (const auto& key : asked_)
        known += (known.empty() ? "" : ", ") + key;
    for (const auto& [key, unused] : *table_)
        if (!asked_.contains(std::string(key.str())))
            complain(std::string(key.str()),
                     "unknown setting; remove it or correct it; known here: " + known);
}

const toml::node* TableReader::node(const std::string& key) {
    asked_.insert(key);
    if (!table_)
        return nullptr;
    const auto* found = table_->get(key);
    if (!found)
        complain(key, "missing; add it, see docs/profiles.md");
    return found;
}

std::string TableReader::pathOf(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
}

} // namespace ykt::firmware::config
