// name = value where the name says that the value is secret: settings, environment, JSON, command lines.
#include <algorithm>
#include <array>

#include "secrets/secret_finder.h"
#include "secrets/secret_kinds.h"
#include "secrets/secret_rules.h"

namespace cmem {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxValue = 1024;
constexpr std::size_t kMinSecret = 12;
constexpr std::size_t kMinPassword = 6;
constexpr double kMinEntropy = 3.0;

// Names that only speak of a secret.
constexpr std::array<std::string_view, 24> kOtherEndings{
    "hash",    "id",     "name",   "count", "file",  "path", "type", "url",    "uri",    "len",     "size",   "limit",
    "expires", "expiry", "tokens", "at",    "label", "hint", "ids",  "policy", "length", "version", "prefix", "field"};

struct Value {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
  bool equals = false;  // "=", not ":"
  bool spaced = false;  // a space before the value, and no quotes: it may be prose
};

std::size_t skip(std::string_view text, std::size_t at, std::string_view chars) {
  return std::min(text.find_first_not_of(chars, at), text.size());
}

// Behind the name: an optional quote, a separator, an optional quote, the value; all on one line.
std::optional<Value> value_behind(std::string_view text, std::size_t at) {
  Value value;
  at = skip(text, at, "\\\"'`");
  at = skip(text, at, " \t");
  const std::size_t separator = at;
  at = skip(text, at, "=:>");
  if (at == separator || at - separator > 2) return std::nullopt;
  value.equals = text.substr(separator, at - separator).find('=') != std::string_view::npos;
  if (text.substr(separator, 2) == "==") return std::nullopt;  // a comparison
  const std::size_t behind = at;
  at = skip(text, at, " \t");
  const std::size_t escapes = skip(text, at, "\\") - at;
  const std::size_t open = at + escapes;
  if (open < text.size() && (text[open] == '"' || text[open] == '\'' || text[open] == '`')) {
    value.quoted = true;
    value.begin = open + 1;
    std::size_t end = value.begin;
    // To the quote with as many backslashes before it, or fewer: those that have more are part of the value.
    for (;; ++end) {
      end = text.find_first_of(std::string_view{"\n\"'`"}, end);
      if (end == std::string_view::npos || text[end] == '\n') return std::nullopt;
      if (text[end] != text[open]) continue;
      std::size_t before = 0;
      while (before < end - value.begin && text[end - before - 1] == '\\') ++before;
      if (before > escapes) continue;
      value.end = end - before;
      return value;
    }
  }
  if (escapes > 0) return std::nullopt;
  value.begin = at;
  value.spaced = at != behind;
  value.end = std::min(text.find_first_of(" \t\r\n\"'`,;<>()[]{}&\\|", at), text.size());
  return value;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (!is_in(text[i], dash ? kDash : static_cast<Alphabet>(kHex | kUpperAf))) return false;
  }
  return true;
}

// In prose a hash, an id, a time or a version may follow a colon. 32 digits are a key's if the name is one of a setting.
bool may_be_prose(std::string_view name, std::string_view value) {
  const bool is_name = name.find_first_of("_-") != std::string_view::npos;
  if ((classes_of(value) & ~(kHex | kUpperAf)) == 0 && leading(value, kAlnum).size() == value.size())
    return !is_name || value.size() != 32;
  if (is_uuid(value) || value.find_first_of("/@:") != std::string_view::npos) return true;
  const std::string_view number = leading(value.substr(value.front() == 'v' ? 1 : 0), kDigits | kDot | kDash);
  return number.size() + 3 >= value.size();
}

// Code, a path or words, not a value.
bool looks_written(std::string_view value) {
  if (value.find_first_of(" \t()[]{}<>|\\") != std::string_view::npos) return true;
  if (value.find("://") != std::string_view::npos || value.find("::") != std::string_view::npos) return true;
  const Alphabet classes = classes_of(value);
  if (value.front() == '/' || value.front() == '.' || value.front() == '~' || value.front() == '@') return true;
  if ((classes & kDigits) != 0) return false;
  return value.find_first_of("._-/") != std::string_view::npos;  // an identifier, an option
}

bool is_password(std::string_view value, const Value& where) {
  if (value.size() < kMinPassword || value.size() > 128 || is_placeholder(value) || distinct_bytes(value) < 4) return false;
  if (looks_written(value)) return false;
  const Alphabet classes = classes_of(value);
  const bool letters = (classes & (kLower | kUpper)) != 0;
  const bool digits = (classes & kDigits) != 0;
  const bool marks = value.find_first_of("!@#$%^&*?+=;,/-_~.") != std::string_view::npos;
  if (!letters) return false;
  // Between quotes or right behind "=" stands a value; behind a space may stand prose.
  return where.quoted || (where.equals && !where.spaced) ? digits || marks : digits && value.size() >= 8;
}

bool is_secret(std::string_view value) {
  if (value.size() < kMinSecret || value.size() > 600 || is_placeholder(value) || looks_written(value) || is_uuid(value))
    return false;
  const Alphabet classes = classes_of(value);
  if ((classes & kDigits) == 0 || (classes & (kLower | kUpper)) == 0) return false;
  return entropy(value) >= kMinEntropy;
}

bool ends_other(std::string_view name) {
  while (!name.empty() && !is_in(name.back(), kAlnum)) name.remove_suffix(1);
  return std::any_of(kOtherEndings.begin(), kOtherEndings.end(), [&](std::string_view ending) {
    if (name.size() <= ending.size() || !equals_folded(name.substr(name.size() - ending.size()), ending)) return false;
    // "…_id", "…Id", but not "…valid".
    const char before = name[name.size() - ending.size() - 1];
    return ending == "tokens" || !is_in(before, kAlnum) || is_in(name[name.size() - ending.size()], kUpper);
  });
}

std::string_view specific_kind(std::string_view name, std::string_view value) {
  const auto has = [&](std::string_view part) { return contains_folded(name, part); };
  if (has("_authtoken")) return "npm-auth-token";
  const bool base64_40 = value.size() == 40 && (classes_of(value) & ~kBase64) == 0;
  if ((has("secret_access_key") || has("secretaccesskey") || has("aws_secret") || has("secret-access-key")) && base64_40)
    return "aws-secret-key";
  if (value.size() >= 100 && (has("session_token") || has("sessiontoken") || has("security_token"))) return "aws-session-token";
  if (has("cloudflare") || has("cf_api")) return "cloudflare-token";
  if (has("heroku")) return "heroku-key";
  if (has("twilio")) return "twilio-auth-token";
  if (has("datadog") || has("dd_a")) return "datadog-key";
  if (has("databricks")) return "databricks-token";
  return {};
}

}  // namespace

std::optional<SecretMatch> match_assignment(const AnchorPlace& place, const SecretRule& rule) {
  const std::string_view text = place.text;
  const std::string_view head = trailing(text.substr(place.floor, place.at - place.floor), kUrl | kDot);
  if (head.size() > kMaxName) return std::nullopt;
  const std::string_view tail = leading(text.substr(place.at + rule.anchor.size(), kMaxName), kUrl);
  const std::size_t name_end = place.at + rule.anchor.size() + tail.size();
  const std::string_view name = text.substr(place.at - head.size(), head.size() + rule.anchor.size() + tail.size());
  if (rule.anchor == "_auth" && !tail.empty() && !contains_folded(tail, "token")) return std::nullopt;
  if (tail.size() > 24 || ends_other(name)) return std::nullopt;
  const auto found = value_behind(text.substr(0, std::min(text.size(), name_end + kMaxValue)), name_end);
  if (!found || found->end <= found->begin) return std::nullopt;
  const std::string_view value = text.substr(found->begin, found->end - found->begin);
  if (place.finder->finds_token(value)) return std::nullopt;  // which says more
  const std::string_view special = specific_kind(name, value);
  if (found->spaced && special != "heroku-key" && special != "aws-secret-key" && may_be_prose(name, value)) return std::nullopt;
  const bool heroku = special == "heroku-key" && is_uuid(value);
  const bool password = contains_folded(rule.anchor, "pass") || contains_folded(name, "_password");
  if (!heroku && !(password ? is_password(value, *found) : is_secret(value))) return std::nullopt;
  std::string_view kind = special;
  if (kind.empty()) kind = password ? "password" : "secret-setting";
  return SecretMatch{found->begin, found->end, *find_secret_kind(kind)};
}

}  // namespace cmem
