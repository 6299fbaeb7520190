#include "firmware/config/table_reader.h"

#include "firmware/config/forms.h"

#include <algorithm>

namespace ykt::firmware::config {
namespace {

std::string at(const std::string& key, std::size_t position) {
    return key + "[" + std::to_string(position) + "]";
}

bool inRange(const toml::node& node, std::int64_t least, std::int64_t most) {
    const auto* number = node.as_integer();
    return number && number->get() >= least && number->get() <= most;
}

std::string outOfRange(std::int64_t least, std::int64_t most) {
    return "not a number in range; give a whole number from " + std::to_string(least) + " to " +
           std::to_string(most);
}

std::string badForm(const Form& form) {
    return "not of the right form; give " + std::string(form.words);
}

} // namespace

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
    complain(key, badForm(form));
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
    if (inRange(*found, least, most))
        return found->as_integer()->get();
    complain(key, outOfRange(least, most));
    return least;
}

bool TableReader::boolean(const std::string& key) {
    const auto* found = node(key);
    if (!found)
        return false;
    if (const auto* value = found->as_boolean())
        return value->get();
    complain(key, "neither true nor false; give one of them, without quotes");
    return false;
}

std::vector<std::string> TableReader::texts(const std::string& key, const Form& form) {
    std::vector<std::string> read;
    const auto* entries = list(key, form.words);
    for (std::size_t i = 0; entries && i < entries->size(); ++i) {
        const auto& entry = *entries->get(i);
        const auto* text = entry.as_string();
        if (!text || !form.fits(text->get())) {
            complainAt(entry, at(key, i), badForm(form));
            return {};
        }
        if (std::ranges::find(read, text->get()) != read.end()) {
            complainAt(entry, at(key, i), "given twice; remove one");
            return {};
        }
        read.push_back(text->get());
    }
    return read;
}

std::vector<std::int64_t> TableReader::integers(const std::string& key, std::int64_t least,
                                                std::int64_t most) {
    const auto* entries = list(key, "whole numbers");
    return entries ? integersOf(*entries, key, least, most) : std::vector<std::int64_t>{};
}

std::vector<std::vector<std::int64_t>> TableReader::listsOfIntegers(const std::string& key,
                                                                    std::int64_t least, std::int64_t most) {
    std::vector<std::vector<std::int64_t>> read;
    const auto* entries = list(key, "lists of whole numbers");
    for (std::size_t i = 0; entries && i < entries->size(); ++i) {
        const auto* inner = entries->get(i)->as_array();
        if (!inner || inner->empty()) {
            complainAt(*entries->get(i), at(key, i), "not a list of whole numbers; write it as [1, 2, 3]");
            return {};
        }
        auto numbers = integersOf(*inner, at(key, i), least, most);
        if (numbers.empty())
            return {};
        read.push_back(std::move(numbers));
    }
    return read;
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

void TableReader::complainAt(const toml::node& place, const std::string& key, const std::string& complaint) {
    complaints_->add(place.source().begin.line, pathOf(key), complaint);
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

const toml::array* TableReader::list(const std::string& key, std::string_view words) {
    const auto* found = node(key);
    if (!found)
        return nullptr;
    const auto* entries = found->as_array();
    if (entries && !entries->empty())
        return entries;
    complain(key, "not a list, or an empty one; give [ ... ] of " + std::string(words));
    return nullptr;
}

std::vector<std::int64_t> TableReader::integersOf(const toml::array& list, const std::string& key,
                                                  std::int64_t least, std::int64_t most) {
    std::vector<std::int64_t> read;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto& entry = *list.get(i);
        if (!inRange(entry, least, most)) {
            complainAt(entry, at(key, i), outOfRange(least, most));
            return {};
        }
        read.push_back(entry.as_integer()->get());
    }
    return read;
}

std::string TableReader::pathOf(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
}

} // namespace ykt::firmware::config
