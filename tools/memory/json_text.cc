#include "json_text.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

using nlohmann::json;

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80 ? 1 : 0;
  return count;
}

void append_key(std::string& out, std::string_view name) {
  append_json_string(out, name);
  out += ':';
}

void append_snippet(std::string& out, std::string_view marked) {
  const Snippet snippet = parse_snippet(marked);
  const std::string_view text = snippet.text;
  append_json_string(out, text);
  out += R"(,"matches":[)";
  for (std::size_t i = 0; i < snippet.matches.size(); ++i) {
    const auto [begin, end] = snippet.matches[i];
    fmt::format_to(std::back_inserter(out), "{}[{},{}]", i == 0 ? "" : ",", code_points(text.substr(0, begin)),
                   code_points(text.substr(0, end)));
  }
  out += ']';
}

// Copies JSON text with DEL and the C1 controls escaped.
void append_escaped(std::string& out, std::string_view json_text) {
  for (std::size_t i = 0; i < json_text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(json_text[i]);
    const auto next = i + 1 < json_text.size() ? static_cast<unsigned char>(json_text[i + 1]) : 0U;
    if (byte == 0x7F) {
      out += "\\u007f";
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", next);
      ++i;
    } else {
      out.push_back(json_text[i]);
    }
  }
}

// Our own metadata is compact JSON; should it ever not be, it is shown as the string that it is.
void append_embedded(std::string& out, std::string_view text) {
  const bool one_line = text.find_first_of("\r\n") == std::string_view::npos;
  if (one_line && json::accept(text))
    append_escaped(out, text);
  else
    append_json_string(out, text);
}

void append_real(std::string& out, double value) {
  if (std::isfinite(value))
    fmt::format_to(std::back_inserter(out), "{}", value);
  else
    out += "null";
}

void append_text(std::string& out, Kind kind, std::string_view text) {
  if (kind == Kind::kSnippet)
    append_snippet(out, text);
  else if (kind == Kind::kJson)
    append_embedded(out, text);
  else
    append_json_string(out, text);
}

void append_value(std::string& out, Kind kind, const cmem_value& value) {
  switch (value.type) {
    case CMEM_TYPE_INT:
      if (kind == Kind::kBool)
        out += value.i64 != 0 ? "true" : "false";
      else
        fmt::format_to(std::back_inserter(out), "{}", value.i64);
      break;
    case CMEM_TYPE_REAL:
      append_real(out, value.f64);
      break;
    case CMEM_TYPE_TIME:
      append_json_string(out, rfc3339(value.i64));
      break;
    case CMEM_TYPE_TEXT:
      append_text(out, kind, text_of(value));
      break;
    case CMEM_TYPE_BYTES:
      append_json_string(out, kind == Kind::kAny ? hex_of(text_of(value)) : std::string(text_of(value)));
      break;
    default:
      out += "null";
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  append_escaped(out, json(text).dump(-1, ' ', false, json::error_handler_t::replace));
}

void append_json_member(std::string& out, const Column& column, const cmem_value& value) {
  append_key(out, column.name);
  append_value(out, column.kind, value);
}

void append_json_members(std::string& out, const Columns& columns, Cells cells) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    append_json_member(out, columns[i], cells[i]);
  }
}

}  // namespace cli
