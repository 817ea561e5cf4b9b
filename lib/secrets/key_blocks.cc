// Private keys in PEM and its relatives, over several lines or in one JSON string with \n, whole or cut off.
#include <algorithm>

#include "secrets/secret_kinds.h"
#include "secrets/secret_rules.h"

namespace cmem {
namespace {

constexpr std::size_t kMaxBlock = 64 * 1024;
constexpr std::size_t kMaxLabel = 64;
constexpr std::size_t kMinBody = 40;  // characters of base64
constexpr std::size_t kMinLine = 16;

std::size_t base64_chars(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return is_in(c, kBase64); }));
}

// "RSA PRIVATE KEY"; empty: it is none of a secret.
std::string_view label_behind(std::string_view text) {
  const std::string_view label = text.substr(0, std::min(text.substr(0, kMaxLabel).find("----"), text.size()));
  const bool is_label = std::all_of(label.begin(), label.end(), [](char c) { return is_in(c, kUpper | kDigits) || c == ' '; });
  return is_label && label.find("PRIVATE KEY") != std::string_view::npos ? label : std::string_view();
}

std::uint8_t kind_of(std::string_view label, std::string_view before) {
  if (label.find("PGP") != std::string_view::npos) return *find_secret_kind("pgp-private-key");
  if (label.find("OPENSSH") != std::string_view::npos || label.find("SSH2") != std::string_view::npos)
    return *find_secret_kind("ssh-private-key");
  while (!before.empty() && (before.back() == '"' || before.back() == '\\' || before.back() == ' ' || before.back() == ':'))
    before.remove_suffix(1);
  return *find_secret_kind(before.ends_with("private_key") ? "gcp-service-account-key" : "private-key");
}

// The block was cut off: as far as there are lines of base64 and line ends, written out or escaped.
std::size_t end_of_body(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    const bool escape = c == '\\' && at + 1 < text.size() &&
                        (text[at + 1] == 'n' || text[at + 1] == 'r' || text[at + 1] == '\\' || text[at + 1] == '/');
    if (escape) {
      at += 2;
    } else if (is_in(c, kBase64) || c == '\n' || c == '\r') {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

// Behind "-----END RSA PRIVATE KEY-----" at `at`, or behind as much as there is of it.
std::size_t end_of_mark(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == '-') ++at;
  while (at < text.size() && (is_in(text[at], kUpper | kDigits) || text[at] == ' ')) ++at;
  while (at < text.size() && text[at] == '-') ++at;
  return at;
}

}  // namespace

std::optional<SecretMatch> match_key_block(const AnchorPlace& place, const SecretRule& rule) {
  const std::string_view rest = place.text.substr(place.at, kMaxBlock);
  const bool is_ssh2 = rule.anchor.ends_with("SSH2 ");
  const std::string_view label = label_behind(rest.substr(rule.anchor.size()));
  if (label.empty()) return std::nullopt;
  const auto kind = is_ssh2 ? rule.kind : kind_of(label, place.text.substr(place.floor, place.at - place.floor));
  const std::size_t body_at = std::min(rest.find_first_not_of('-', rule.anchor.size() + label.size()), rest.size());
  const std::string_view body = rest.substr(body_at);
  const std::size_t end = body.find("---- END"), end_pem = body.find("-----END ");
  const std::size_t stop = std::min(end, end_pem);
  // Text that only speaks of a begin and, some records further, of an end is no key.
  const bool closed = stop != std::string_view::npos && body.find("-----BEGIN ") > stop && body.find_first_of("{}") > stop;
  const std::size_t size = closed ? stop : end_of_body(body);
  if (base64_chars(body.substr(0, size)) < kMinBody) return std::nullopt;
  const std::size_t behind = place.at + body_at + size;
  const std::size_t to = closed ? end_of_mark(place.text, behind) : behind;
  return SecretMatch{place.at, to, kind};
}

// The end of a key whose beginning is not here: the lines of base64 before it.
std::optional<SecretMatch> match_key_block_end(const AnchorPlace& place, const SecretRule& rule) {
  const std::string_view label = label_behind(place.text.substr(place.at + rule.anchor.size(), kMaxLabel * 2));
  if (label.empty()) return std::nullopt;
  std::size_t begin = place.at;
  while (begin > place.floor) {
    std::string_view before = place.text.substr(place.floor, begin - place.floor);
    std::size_t gap = 0;
    while (before.ends_with('\n') || before.ends_with('\r')) before.remove_suffix(1), ++gap;
    const std::string_view line = trailing(before, kBase64);
    const bool starts_line = line.size() == before.size() || before[before.size() - line.size() - 1] == '\n';
    if (gap == 0 || !starts_line || (line.size() < kMinLine && begin != place.at)) break;
    begin -= gap + line.size();
  }
  if (base64_chars(place.text.substr(begin, place.at - begin)) < kMinBody) return std::nullopt;
  const std::size_t mark = place.at + rule.anchor.size() + label.size();
  const std::size_t end = std::min(place.text.find_first_not_of('-', mark), place.text.size());
  return SecretMatch{begin, end, kind_of(label, {})};
}

}  // namespace cmem
