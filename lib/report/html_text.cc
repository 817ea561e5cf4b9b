#include "report/html_text.h"

namespace cmem {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

bool is_control(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return (code < 0x20 && byte != '\n' && byte != '\t') || code == 0x7F;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    if (byte == '&')
      out += "&amp;";
    else if (byte == '<')
      out += "&lt;";
    else if (byte == '>')
      out += "&gt;";
    else if (byte == '"')
      out += "&quot;";
    else if (is_control(byte))
      out += "\xEF\xBF\xBD";
    else
      out += byte;
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t max_characters) {
  std::size_t characters = 0;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (continues(text[at])) continue;
    if (++characters == max_characters) kept = at;
    if (characters > max_characters) return std::string(text.substr(0, kept)) + "…";
  }
  return std::string(text);
}

}  // namespace cmem
