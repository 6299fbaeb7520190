#include "tools/yktctl/json.h"

#include <iostream>

namespace ykt::tools {
namespace {

const Json* fieldOf(const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? nullptr : &*found;
}

} // namespace

std::string oneLine(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void printLine(const Json& value) {
    std::cout << oneLine(value) << '\n';
}

std::string textOf(const Json& object, const char* name) {
    const auto* field = fieldOf(object, name);
    if (!field || field->is_null())
        return {};
    return field->is_string() ? field->get<std::string>() : oneLine(*field);
}

const Json& objectOf(const Json& object, const char* name) {
    static const Json none = Json::object();
    const auto* field = fieldOf(object, name);
    return field && field->is_object() ? *field : none;
}

const Json& listOf(const Json& object, const char* name) {
    static const Json none = Json::array();
    const auto* field = fieldOf(object, name);
    return field && field->is_array() ? *field : none;
}

std::string yuan(std::uint64_t fen) {
    const auto cents = std::to_string(fen % 100);
    return std::to_string(fen / 100) + (cents.size() < 2 ? ".0" : ".") + cents;
}

} // namespace ykt::tools
