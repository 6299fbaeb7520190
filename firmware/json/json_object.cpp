#include "firmware/json/json_object.h"

namespace ykt::firmware {

using Json = nlohmann::json;

Json parseJson(std::string_view text) {
    constexpr int deepest = 32;              // copying a value and its text cost stack for each level
    std::vector<std::set<std::string>> open; // the names seen in each object that is not closed yet
    const auto watch = [&open](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > deepest)
            throw JsonRefused{"nested too deep"};
        if (event == Json::parse_event_t::object_start)
            open.emplace_back();
        else if (event == Json::parse_event_t::object_end)
            open.pop_back();
        else if (event == Json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second)
            throw JsonRefused{parsed.get<std::string>() + ": member given twice"};
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (const Json::exception&) {
        throw JsonRefused{"not JSON"};
    }
}

namespace {

std::string elementOf(const std::string& path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

std::int64_t integerOf(const Json& value, const std::string& path, std::int64_t least, std::int64_t most) {
    // Unsigned values beyond the signed range would turn negative: they are out of range anyway.
    const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
    if (!value.is_number_integer() || huge || value.get<std::int64_t>() < least ||
        value.get<std::int64_t>() > most)
        throw JsonRefused{path + ": not a whole number from " + std::to_string(least) + " to " +
                          std::to_string(most)};
    return value.get<std::int64_t>();
}

std::vector<std::int64_t> integersOf(const Json& list, const std::string& path, std::int64_t least,
                                     std::int64_t most) {
    if (!list.is_array())
        throw JsonRefused{path + ": not a list"};
    std::vector<std::int64_t> all;
    for (std::size_t i = 0; i < list.size(); ++i)
        all.push_back(integerOf(list[i], elementOf(path, i), least, most));
    return all;
}

} // namespace

JsonObject::JsonObject(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {
    if (!value.is_object())
        throw JsonRefused{(path_.empty() ? "body" : path_) + ": not an object"};
}

std::string JsonObject::text(const std::string& key) {
    const auto& value = member(key);
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
        refuse(key, "not a text, or empty");
    return value.get<std::string>();
}

bool JsonObject::boolean(const std::string& key) {
    const auto& value = member(key);
    if (!value.is_boolean())
        refuse(key, "neither true nor false");
    return value.get<bool>();
}

std::int64_t JsonObject::integer(const std::string& key, std::int64_t least, std::int64_t most) {
    return integerOf(member(key), pathOf(key), least, most);
}

std::vector<std::int64_t> JsonObject::integers(const std::string& key, std::int64_t least,
                                               std::int64_t most) {
    return integersOf(member(key), pathOf(key), least, most);
}

std::vector<std::vector<std::int64_t>> JsonObject::listsOfIntegers(const std::string& key, std::int64_t least,
                                                                   std::int64_t most) {
    std::vector<std::vector<std::int64_t>> all;
    const auto& list = listAt(key);
    for (std::size_t i = 0; i < list.size(); ++i)
        all.push_back(integersOf(list[i], elementOf(pathOf(key), i), least, most));
    return all;
}

JsonObject JsonObject::object(const std::string& key) {
    return {member(key), pathOf(key)};
}

std::vector<JsonObject> JsonObject::objects(const std::string& key) {
    std::vector<JsonObject> all;
    const auto& list = listAt(key);
    for (std::size_t i = 0; i < list.size(); ++i)
        all.emplace_back(list[i], elementOf(pathOf(key), i));
    return all;
}

bool JsonObject::isObject(const std::string& key) const {
    const auto found = value_->find(key);
    return found != value_->end() && found->is_object();
}

std::vector<std::string> JsonObject::keys() const {
    std::vector<std::string> all;
    for (const auto& [key, unused] : value_->items())
        all.push_back(key);
    return all;
}

void JsonObject::close() const {
    for (const auto& key : keys())
        if (!asked_.contains(key))
            refuse(key, "unknown member");
}

void JsonObject::refuse(const std::string& key, const std::string& why) const {
    throw JsonRefused{pathOf(key) + ": " + why};
}

const Json& JsonObject::member(const std::string& key) {
    asked_.insert(key);
    const auto found = value_->find(key);
    if (found == value_->end())
        refuse(key, "missing");
    return *found;
}

const Json& JsonObject::listAt(const std::string& key) {
    const auto& list = member(key);
    if (!list.is_array())
        refuse(key, "not a list");
    return list;
}

std::string JsonObject::pathOf(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
}

} // namespace ykt::firmware
