// Secrets that are told by what stands around them: URLs, headers, JSON Web Tokens, tokens whose mark is in their middle.
#include <algorithm>
#include <array>

#include "secrets/secret_finder.h"
#include "secrets/secret_kinds.h"
#include "secrets/secret_rules.h"

namespace cmem {
namespace {

using Found = std::optional<SecretMatch>;

constexpr std::size_t kMaxUserInfo = 512;
constexpr std::size_t kMinDistinct = 6;
constexpr std::array<std::string_view, 18> kDatabaseSchemes{
    "postgres", "postgresql", "mysql",     "mariadb",    "mongodb",     "mongodb+srv", "redis", "rediss", "amqp",
    "amqps",    "mssql",      "sqlserver", "clickhouse", "cockroachdb", "nats",        "mqtt",  "kafka",  "oracle"};

constexpr std::array<std::string_view, 10> kAzureMarks{"0Q~", "1Q~", "2Q~", "3Q~", "4Q~", "5Q~", "6Q~", "7Q~", "8Q~", "9Q~"};
constexpr std::array<std::string_view, 9> kMailchimpMarks{"-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9"};
constexpr std::array<std::string_view, 22> kSettingWords{
    "password",       "passwd",     "passphrase", "secret",  "token",           "api_key",    "api-key",     "apikey",
    "accesskey",      "access_key", "access-key", "authkey", "auth_key",        "privatekey", "private_key", "signing_key",
    "encryption_key", "credential", "heroku_key", "app_key", "application_key", "_auth"};

Found token(std::size_t begin, std::size_t end, std::uint8_t kind) { return SecretMatch{begin, end, kind}; }

// scheme://user:password@host
Found match_url(const AnchorPlace& place, const SecretRule& rule) {
  const std::string_view text = place.text;
  const std::string_view scheme = trailing(text.substr(place.floor, place.at - place.floor), kAlnum | kDash | kPlusSlash | kDot);
  if (scheme.empty()) return std::nullopt;
  const std::size_t begin = place.at + rule.anchor.size();
  const std::string_view rest = text.substr(begin, kMaxUserInfo);
  const std::string_view authority = rest.substr(0, rest.find_first_of(" \t\r\n\"'`<>/?#\\,)"));
  const std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return std::nullopt;
  const std::string_view password = authority.substr(colon + 1, at - colon - 1);
  const bool has_host =
      at + 1 < authority.size() && (is_in(authority[at + 1], kWord) || authority[at + 1] == '[' || authority[at + 1] == '$');
  if (password.size() < 3 || !has_host || is_placeholder(password) || place.finder->finds_token(password)) return std::nullopt;
  const bool is_database = std::any_of(kDatabaseSchemes.begin(), kDatabaseSchemes.end(),
                                       [&](std::string_view name) { return equals_folded(scheme, name); });
  const auto kind = is_database ? *find_secret_kind("database-url-password") : rule.kind;
  return token(begin + colon + 1, begin + at, kind);
}

Found match_bearer(const AnchorPlace& place, const SecretRule& rule) {
  if (!starts_at(place.text, place.at, place.floor)) return std::nullopt;
  const std::size_t begin = place.at + rule.anchor.size();
  const std::string_view value = leading(place.text.substr(begin), kBase64 | kUrl | kDot | kTilde);
  const Alphabet classes = classes_of(value);
  const bool random = (classes & kDigits) != 0 && (classes & (kLower | kUpper)) != 0 && distinct_bytes(value) >= kMinDistinct;
  // In prose a hash may follow the word.
  constexpr std::size_t kHeaderBytes = 24;
  const std::size_t before = std::min(place.at, kHeaderBytes);
  const bool in_header = contains_folded(place.text.substr(place.at - before, before), "authorization");
  const bool is_hash = (classes & ~(kHex | kUpperAf | kDash)) == 0;
  if (is_hash && !in_header) return std::nullopt;
  if (value.size() < 16 || !random || is_placeholder(value) || place.finder->finds_token(value)) return std::nullopt;
  return token(begin, begin + value.size(), rule.kind);
}

// base64 of "user:password"
Found match_basic(const AnchorPlace& place, const SecretRule& rule) {
  if (!starts_at(place.text, place.at, place.floor)) return std::nullopt;
  const std::size_t begin = place.at + rule.anchor.size();
  const std::string_view value = leading(place.text.substr(begin), kBase64);
  const Alphabet classes = classes_of(value);
  std::array<char, 512> decoded;
  const std::size_t size = decode_base64(value, decoded.data(), decoded.size());
  if (value.size() < 8 || size < 5 || (classes & (kUpper | kDigits)) == 0) return std::nullopt;
  const std::string_view pair(decoded.data(), size);
  const bool printable = std::all_of(pair.begin(), pair.end(), [](char c) { return c >= ' ' && c < 127; });
  const std::size_t colon = pair.find(':');
  if (!printable || colon == std::string_view::npos || colon + 1 == pair.size()) return std::nullopt;
  return token(begin, begin + value.size(), rule.kind);
}

// header.payload.signature; the header is JSON.
Found match_jwt(const AnchorPlace& place, const SecretRule& rule) {
  if (!starts_at(place.text, place.at, place.floor)) return std::nullopt;
  const std::string_view header = leading(place.text.substr(place.at), kUrl);
  std::size_t end = place.at + header.size();
  std::size_t parts = 1;
  std::size_t payload = 0;
  for (; parts < 5 && end < place.text.size() && place.text[end] == '.'; ++parts) {
    const std::string_view part = leading(place.text.substr(end + 1), kUrl);
    if (parts == 1) payload = part.size();
    if (part.empty() && parts < 2) return std::nullopt;
    end += 1 + part.size();
  }
  std::array<char, 512> decoded;
  const std::string_view json(decoded.data(), decode_base64(header.substr(0, 600), decoded.data(), decoded.size()));
  const bool is_header = json.find("\"alg\"") != std::string_view::npos || json.find("\"typ\"") != std::string_view::npos ||
                         json.find("\"enc\"") != std::string_view::npos;
  if (parts < 3 || header.size() < 12 || payload < 4 || !is_header) return std::nullopt;
  if (place.text[end - 1] == '.' && parts > 3) --end;
  return token(place.at, end, rule.kind);
}

// https://hooks.slack.com/services/T…/B…/…
Found match_webhook(const AnchorPlace& place, const SecretRule& rule) {
  const std::size_t begin = place.at + rule.anchor.size();
  const std::string_view path = leading(place.text.substr(begin), rule.alphabet);
  const auto slashes = std::count(path.begin(), path.end(), '/');
  if (path.size() < rule.min || slashes < 1 || contains_folded(path, "xxxx") || (classes_of(path) & kDigits) == 0)
    return std::nullopt;
  return token(begin, begin + path.size(), rule.kind);
}

// 123456789:AA…
Found match_telegram(const AnchorPlace& place, const SecretRule& rule) {
  const std::string_view id = trailing(place.text.substr(place.floor, place.at - place.floor), kDigits);
  const std::size_t begin = place.at - id.size();
  const std::string_view body = leading(place.text.substr(place.at + 1), kUrl);
  if (id.size() < 8 || id.size() > 10 || body.size() < 33 || body.size() > 37) return std::nullopt;
  // "/bot123456789:AA…" is the usual place.
  const bool after_bot = place.text.substr(place.floor, begin - place.floor).ends_with("bot");
  if ((!after_bot && !starts_at(place.text, begin, place.floor)) || distinct_bytes(body) < kMinDistinct) return std::nullopt;
  return token(begin, place.at + 1 + body.size(), rule.kind);
}

// The id in base64, a time, a code: MTk4….Cl2FMQ.ZnCj…
Found match_discord(const AnchorPlace& place, const SecretRule& rule) {
  if (!starts_at(place.text, place.at, place.floor)) return std::nullopt;
  const std::string_view rest = place.text.substr(place.at);
  const std::string_view id = leading(rest, kUrl);
  if (id.size() < 22 || id.size() > 28 || rest.size() < id.size() + 8 || rest[id.size()] != '.') return std::nullopt;
  std::array<char, 32> decoded;
  const std::string_view digits(decoded.data(), decode_base64(id, decoded.data(), decoded.size()));
  if (digits.size() < 16 || leading(digits, kDigits).size() != digits.size()) return std::nullopt;
  const std::string_view time = leading(rest.substr(id.size() + 1), kUrl);
  const std::size_t code_at = id.size() + 1 + time.size() + 1;
  if (time.size() < 5 || time.size() > 8 || rest.size() <= code_at || rest[code_at - 1] != '.') return std::nullopt;
  const std::string_view code = leading(rest.substr(code_at), kUrl);
  if (code.size() < 26 || code.size() > 42) return std::nullopt;
  return token(place.at, place.at + code_at + code.size(), rule.kind);
}

// 14 characters, ".atlasv1.", 60 to 70.
Found match_terraform(const AnchorPlace& place, const SecretRule& rule) {
  const std::string_view id = trailing(place.text.substr(place.floor, place.at - place.floor), kAlnum);
  const std::size_t body_at = place.at + rule.anchor.size();
  const std::string_view body = leading(place.text.substr(body_at), kUrl | kEquals);
  if (id.size() < 14 || body.size() < 60 || body.size() > 72) return std::nullopt;
  return token(place.at - 14, body_at + body.size(), rule.kind);
}

// 32 hex digits, "-us", a number.
Found match_mailchimp(const AnchorPlace& place, const SecretRule& rule) {
  const std::string_view key = trailing(place.text.substr(place.floor, place.at - place.floor), kHex);
  const std::size_t digits_at = place.at + 3;
  const std::string_view digits = leading(place.text.substr(digits_at), kDigits);
  const std::size_t end = digits_at + digits.size();
  const bool ends = end == place.text.size() || !is_in(place.text[end], kUrl);
  if (key.size() != 32 || digits.empty() || digits.size() > 2 || !ends || distinct_bytes(key) < kMinDistinct) return std::nullopt;
  if (!starts_at(place.text, place.at - 32, place.floor)) return std::nullopt;
  return token(place.at - 32, end, rule.kind);
}

// Three characters, a digit, "Q~", 31 to 34.
Found match_azure_secret(const AnchorPlace& place, const SecretRule& rule) {
  constexpr Alphabet kSecret = kUrl | kDot | kTilde;
  const std::string_view head = trailing(place.text.substr(place.floor, place.at - place.floor), kSecret);
  const std::string_view body = leading(place.text.substr(place.at + rule.anchor.size()), kSecret);
  if (head.size() < 3 || body.size() < 31 || body.size() > 34 || distinct_bytes(body) < kMinDistinct) return std::nullopt;
  return token(place.at - 3, place.at + rule.anchor.size() + body.size(), rule.kind);
}

// Name=base64 of a connection string, or sig=… of a signed URL.
Found match_connection_key(const AnchorPlace& place, const SecretRule& rule) {
  const std::size_t begin = place.at + rule.anchor.size();
  const std::string_view value = leading(place.text.substr(begin), rule.alphabet);
  if (value.size() < rule.min || value.size() > rule.max || distinct_bytes(value) < kMinDistinct) return std::nullopt;
  if (rule.anchor == "sig=") {
    const char before = place.at == 0 ? '&' : place.text[place.at - 1];
    const bool in_query =
        before == '&' || before == '?' || before == ';' || (place.at >= 6 && place.text.substr(place.at - 6, 6) == "\\u0026");
    if (!in_query || (!contains_folded(value, "%3d") && value.back() != '=')) return std::nullopt;
  }
  return token(begin, begin + value.size(), rule.kind);
}

}  // namespace

void add_text_rules(std::vector<SecretRule>& rules) {
  const auto kind = [](std::string_view name) { return *find_secret_kind(name); };
  const SecretRule single[] = {
      {"://", kind("url-password"), match_url},
      {":\\/\\/", kind("url-password"), match_url},
      {"Bearer ", kind("bearer-token"), match_bearer, 0, 0, 0, TokenCheck::kNone, true},
      {"Basic ", kind("basic-auth"), match_basic, 0, 0, 0, TokenCheck::kNone, true},
      {"eyJ", kind("jwt"), match_jwt},
      {"hooks.slack.com/", kind("slack-webhook"), match_webhook, kUrl | kPlusSlash, 40, kNoMax},
      {"discord.com/api/webhooks/", kind("discord-webhook"), match_webhook, kUrl | kPlusSlash, 60, kNoMax},
      {"discordapp.com/api/webhooks/", kind("discord-webhook"), match_webhook, kUrl | kPlusSlash, 60, kNoMax},
      {"webhook.office.com/webhookb2/", kind("teams-webhook"), match_webhook, kUrl | kPlusSlash | kPercent, 60, kNoMax},
      {":AA", kind("telegram-bot-token"), match_telegram},
      {".atlasv1.", kind("terraform-cloud-token"), match_terraform},
      {"AccountKey=", kind("azure-storage-key"), match_connection_key, kBase64, 80, 100, TokenCheck::kNone, true},
      {"SharedAccessKey=", kind("azure-shared-access-key"), match_connection_key, kBase64, 40, 100, TokenCheck::kNone, true},
      {"sig=", kind("azure-sas-signature"), match_connection_key, kBase64 | kUrl | kPercent, 43, 100},
      {"-----BEGIN ", kind("private-key"), match_key_block},
      {"---- BEGIN SSH2 ", kind("ssh-private-key"), match_key_block},
      {"-----END ", kind("private-key"), match_key_block_end},
  };
  rules.insert(rules.end(), std::begin(single), std::end(single));
  for (const std::string_view mark : kAzureMarks) rules.push_back({mark, kind("azure-client-secret"), match_azure_secret});
  for (const std::string_view mark : kMailchimpMarks) rules.push_back({mark, kind("mailchimp-key"), match_mailchimp});
  for (const std::string_view word : kSettingWords)
    rules.push_back({word, kind("secret-setting"), match_assignment, 0, 0, 0, TokenCheck::kNone, true});
  // An id of 17 to 20 digits in base64 begins in one of these ways.
  rules.push_back({"", kind("discord-token"), match_discord});
}

}  // namespace cmem
