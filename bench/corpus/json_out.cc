#include "corpus/json_out.h"

#include <charconv>
#include <stdexcept>

namespace cmem::corpus {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

void append_u_escape(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHexDigits[(unit >> shift) & 15];
}

void append_escaped(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      append_u_escape(out, c);
  }
}

bool must_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

// Appends the escape of the multi-byte character at text[i] and returns how many bytes it has.
std::size_t append_non_ascii(std::string& out, std::string_view text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
  if (code < 0x10000) {
    append_u_escape(out, code);
  } else {
    append_u_escape(out, 0xD800 + ((code - 0x10000) >> 10));
    append_u_escape(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
  }
  return length;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!must_escape(c)) continue;
    out.append(text, plain, i - plain);
    append_escaped(out, c);
    plain = i + 1;
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

void append_json_string_ascii(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      i += append_non_ascii(out, text, i);
      continue;
    }
    if (must_escape(c)) {
      append_escaped(out, c);
    } else {
      out += text[i];
    }
    ++i;
  }
  out += '"';
}

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append_text_field(std::string& out, std::string_view name, std::string_view value) {
  out += ", \"";
  out += name;
  out += "\": ";
  append_json_string(out, value);
}

void append_number_field(std::string& out, std::string_view name, std::int64_t value) {
  out += ", \"";
  out += name;
  out += "\": ";
  append_number(out, value);
}

Sha256::Sha256() : digest_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  if (!digest_ || !context_) throw std::runtime_error("OpenSSL has no SHA-256; check the OpenSSL configuration of this machine");
}

std::string_view Sha256::hex(std::string_view bytes) {
  unsigned char digest[32];
  unsigned int length = sizeof digest;
  if (EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr) != 1 ||
      EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1 || EVP_DigestFinal_ex(context_.get(), digest, &length) != 1)
    throw std::runtime_error("OpenSSL failed to compute a SHA-256");
  for (std::size_t i = 0; i < sizeof digest; ++i) {
    hex_[2 * i] = kHexDigits[digest[i] >> 4];
    hex_[2 * i + 1] = kHexDigits[digest[i] & 15];
  }
  return {hex_, sizeof hex_};
}

}  // namespace cmem::corpus
