// JSON that keeps the order of its fields, and fields of foreign JSON as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace ykt::tools {

using Json = nlohmann::ordered_json;

// One line; bytes that are not UTF-8 are replaced.
std::string oneLine(const Json& value);
void printLine(const Json& value); // on stdout

// A field as people read it: text as it is, anything else as JSON, "" where it is absent or null.
std::string textOf(const Json& object, const char* name);
// A field's object or list; an empty one where it is absent or of another type.
const Json& objectOf(const Json& object, const char* name);
const Json& listOf(const Json& object, const char* name);

std::string yuan(std::uint64_t fen); // "2.00"

} // namespace ykt::tools
