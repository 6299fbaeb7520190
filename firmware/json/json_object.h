// Strict reading of a JSON object: every member is asked for by name and form, and none may be left over.
// Used inside one parse: the first thing that is wrong is thrown as JsonRefused and folded to an Error at the
// room's edge.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ykt::firmware {

struct JsonRefused {
    std::string what; // "services[1].media[0]: unknown name"
};

// Members of the same name twice are refused too, because readers disagree about which one counts, and what
// is nested deeper than 32 levels.
nlohmann::json parseJson(std::string_view text);

class JsonObject {
  public:
    JsonObject(const nlohmann::json& value, std::string path);

    std::string text(const std::string& key); // not empty
    bool boolean(const std::string& key);
    std::int64_t integer(const std::string& key, std::int64_t least, std::int64_t most);
    JsonObject object(const std::string& key);
    std::vector<JsonObject> objects(const std::string& key);
    std::vector<std::int64_t> integers(const std::string& key, std::int64_t least, std::int64_t most);
    std::vector<std::vector<std::int64_t>> listsOfIntegers(const std::string& key, std::int64_t least,
                                                           std::int64_t most);

    // A text that `fromName` turns into a value, and a list of such texts without repetition.
    template <typename T>
    T name(const std::string& key, std::optional<T> (*fromName)(std::string_view)) {
        return named(member(key), pathOf(key), fromName);
    }
    template <typename T>
    std::vector<T> names(const std::string& key, std::optional<T> (*fromName)(std::string_view)) {
        std::vector<T> values;
        const auto& list = listAt(key);
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto path = pathOf(key) + "[" + std::to_string(i) + "]";
            auto value = named(list[i], path, fromName);
            if (std::find(values.begin(), values.end(), value) != values.end())
                throw JsonRefused{path + ": listed twice"};
            values.push_back(std::move(value));
        }
        return values;
    }

    [[nodiscard]] bool has(const std::string& key) const { return value_->contains(key); }
    [[nodiscard]] bool isObject(const std::string& key) const; // false too where there is no such member
    [[nodiscard]] std::vector<std::string> keys() const;
    void close() const; // every member was asked for
    [[noreturn]] void refuse(const std::string& key, const std::string& why) const;

  private:
    const nlohmann::json& member(const std::string& key);
    const nlohmann::json& listAt(const std::string& key);
    [[nodiscard]] std::string pathOf(const std::string& key) const;

    template <typename T>
    static T named(const nlohmann::json& value, const std::string& path,
                   std::optional<T> (*fromName)(std::string_view)) {
        if (!value.is_string())
            throw JsonRefused{path + ": not a text"};
        auto found = fromName(value.get_ref<const std::string&>());
        if (!found)
            throw JsonRefused{path + ": unknown name"};
        return std::move(*found);
    }

    const nlohmann::json* value_;
    std::string path_;
    std::set<std::string> asked_;
};

} // namespace ykt::firmware
