// The detector of secrets: what it has to find, and what it has to leave alone.
#include <catch2/catch.hpp>

#include <chrono>
#include <iostream>
#include <random>
#include <set>

#include "planted.h"
#include "secrets/redactor.h"
#include "secrets/secret_finder.h"
#include "secrets/secret_kinds.h"

using namespace cmem;
using cmem::testing::Planted;
using cmem::testing::SecretMaker;

namespace {

// "kind=secret" of each match.
std::vector<std::string> found(const SecretFinder& finder, const std::string& text) {
  std::vector<SecretMatch> matches;
  finder.find(text, matches);
  std::vector<std::string> out;
  for (const SecretMatch& match : matches)
    out.push_back(std::string(secret_kinds()[match.kind].name) + "=" + text.substr(match.begin, match.end - match.begin));
  return out;
}

std::string as_json(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

TEST_CASE("secrets of every kind are found, as text and as JSON", "[secrets]") {
  const SecretFinder finder;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SecretMaker maker(seed);
    std::set<std::string> kinds;
    for (const Planted& planted : maker.all()) {
      INFO("seed " << seed << ": " << planted.text);
      kinds.insert(planted.kind);
      CHECK(found(finder, planted.text) == std::vector{planted.kind + "=" + planted.secret});
      const std::string json = as_json(planted.secret);
      const auto in_json = found(finder, R"({"content": )" + as_json(planted.text) + ", \"n\": 1}");
      CHECK(in_json == std::vector{planted.kind + "=" + json.substr(1, json.size() - 2)});
      const auto again = found(finder, as_json(R"({"content": )" + as_json(planted.text) + "}"));
      REQUIRE(again.size() == 1);
      CHECK(again[0].substr(0, planted.kind.size() + 1) == planted.kind + "=");
    }
    CHECK(kinds.size() == secret_kinds().size());
  }
}

TEST_CASE("a secret is found behind an escape, a colour, an underscore and beside others", "[secrets]") {
  const SecretFinder finder;
  SecretMaker maker(7);
  const std::string token = "ghp_" + maker.alnum(36);
  for (const std::string before : {"", "\n", "\\n", "\\t", "\\u0022", "\033[32m", "\\u001b[1;32m", "%3D", "KEY_", "(", "=", "'"}) {
    INFO(before);
    CHECK(found(finder, before + token) == std::vector{"github-token=" + token});
  }
  CHECK(found(finder, token + " " + token).size() == 2);
  CHECK(found(finder, "GITHUB_TOKEN=" + token) == std::vector{"github-token=" + token});
  CHECK(found(finder, "https://x:" + token + "@github.com/a/b") == std::vector{"github-token=" + token});
  CHECK(found(finder, "Authorization: Bearer " + token) == std::vector{"github-token=" + token});
}

TEST_CASE("a key that is cut off is found from either side", "[secrets]") {
  const SecretFinder finder;
  SecretMaker maker(3);
  const std::string key = maker.pem("RSA PRIVATE KEY", "\n");
  const std::size_t half = key.find('\n', key.size() / 2);
  CHECK(found(finder, "x\n" + key.substr(0, half) + "\n{next}").size() == 1);
  const auto end = found(finder, key.substr(half + 1) + "\nnext");
  REQUIRE(end.size() == 1);
  CHECK(end[0] == "private-key=" + key.substr(half + 1));
  CHECK(found(finder, "put your -----BEGIN RSA PRIVATE KEY----- here").empty());
  CHECK(found(finder, "-----BEGIN CERTIFICATE-----\n" + maker.alnum(64) + "\n-----END CERTIFICATE-----").empty());
  CHECK(found(finder, "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----").empty());
}

TEST_CASE("what only looks like a secret is left alone", "[secrets]") {
  const SecretFinder finder;
  SecretMaker maker(5);
  const std::string hex40 = maker.hex(40);
  const std::vector<std::string> innocent{
      "commit " + hex40,
      "sha256:" + maker.hex(64),
      "id 550e8400-e29b-41d4-a716-446655440000",
      "data:image/png;base64," + maker.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 4000),
      "ghp_tooshort",
      "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "xghp_" + maker.alnum(36),
      "sk-learn-and-other-long-hyphenated-names-of-things",
      "task-management-is-a-long-hyphenated-word-with-1-digit",
      "AKIA is how they begin",
      "AKIA" + maker.upper(17),
      "Basic information about authentication",
      "basic understanding of Bearer authentication is enough",
      "Bearer <token>",
      "Bearer ${TOKEN}",
      "password: required",
      "password=password",
      "password = os.environ[\"DB_PASSWORD\"]",
      "password: ${DB_PASSWORD}",
      "the password, a secret and the token: none of them is here",
      "token: authentication-token-provider",
      "input_tokens=12345, output_tokens: 67890",
      "max_tokens: 4096",
      "const token = getTokenFromHeader(request)",
      "secret_name: my-app/production-2024/database",
      "api_key_id=abcdef1234567890",
      "token_hash: " + maker.hex(64),
      "if (password == \"x1y2z3\")",
      "http://localhost:8080/path@2",
      "postgres://user:password@localhost/db",
      "https://user:<password>@example.org/",
      "git clone https://github.com/a/b.git and mail a@b.org",
      "key-value stores and key-based access",
      "eyJ is base64 of an open brace",
      "hf_hub_download(repo_id)",
      "npm_config_registry and npm_package_version are set by npm",
      "secret: [REDACTED:github-token:3f2a]",
      "password=[REDACTED:password:00ff]",
      "postgres://a:[REDACTED:database-url-password:1234]@b/c",
      "Authorization: Bearer [REDACTED:bearer-token:1234]",
      "session-us1 is a region, eu-us2 too",
      "AccountKey=<your key>",
      "the access key: see chapter 12",
  };
  for (const std::string& text : innocent) {
    INFO(text);
    CHECK(found(finder, text).empty());
    CHECK(found(finder, as_json(text)).empty());
  }
}

TEST_CASE("prose has no secrets", "[secrets]") {
  const std::uint64_t seed = std::random_device()();
  std::cout << "prose without secrets: seed " << seed << "\n";
  std::mt19937_64 random(seed);
  static const std::vector<std::string> words{
      "the",     "a",        "password", "secret",  "token",   "key",      "api_key",  "access",    "private", "public",  "bearer",
      "Basic",   "auth",     "user",     "login",   "config",  "server",   "deploy",   "commit",    "branch",  "merge",   "test",
      "failed",  "error",    "because",  "when",    "should",  "is",       "was",      "not",       "and",     "or",      "with",
      "in",      "on",       "of",       "to",      "from",    "https://example.org/docs",          "src/auth/token.ts",  "line 42",
      "2025-11-19T16:34:04.944Z",        "v1.2.3",  "12345",   "0x7fff",   "40%",      "sk-learn",  "npm_run", "eslint",  "secret:",
      "password:", "token=", "api-key:", "secret,", "key.",    "token?",   "credentials", "authorized", "private_key", "client_secret",
      "SELECT",  "FROM",     "import",   "return",  "function()", "{",     "}",        "=>",        "\"quoted\"", "'single'", "e.g.",
      "user@example.org", "~/.ssh/id_rsa.pub", "sha256", "base64", "JWT",  "OAuth",    "rotate",    "expired", "vault",   "hashicorp"};
  const auto hex = [&random](std::size_t size) {
    std::string text;
    while (text.size() < size) text += "0123456789abcdef"[random() % 16];
    return text;
  };
  const SecretFinder finder;
  std::string all;
  for (int line = 0; line < 100'000; ++line) {
    std::string text;
    for (std::uint64_t i = 4 + random() % 24; i > 0; --i) {
      const std::uint64_t what = random() % 60;
      if (what == 0) text += hex(40) + " ";
      else if (what == 1) text += hex(8) + "-" + hex(4) + "-4" + hex(3) + "-a" + hex(3) + "-" + hex(12) + " ";
      else if (what == 2) text += hex(7) + ": ";
      else text += words[random() % words.size()] + " ";
    }
    const auto hits = found(finder, text);
    if (!hits.empty()) FAIL("line \"" << text << "\": " << hits[0]);
    all += text + "\n";
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<SecretMatch> matches;
  finder.find(all, matches);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << "scanned at " << static_cast<double>(all.size()) / seconds / 1e6 << " MB/s\n";
  CHECK(matches.empty());
}

TEST_CASE("placeholders are stable, keep lines and are no secrets", "[secrets]") {
  const Redactor redactor("some salt");
  SecretMaker maker(11);
  std::string all;
  std::vector<Planted> planted = maker.all();
  for (const Planted& one : planted) all += one.text + "\n";
  std::string out;
  SecretCounts counts;
  REQUIRE(redactor.redact(all, out, counts));
  for (const Planted& one : planted) CHECK(out.find(one.secret) == std::string::npos);
  CHECK(std::count(out.begin(), out.end(), '\n') == std::count(all.begin(), all.end(), '\n'));
  std::string again;
  CHECK_FALSE(redactor.redact(out, again, counts));
  const std::string token = "ghp_" + maker.alnum(36);
  std::string twice;
  REQUIRE(redactor.redact(token + " " + token, twice, counts));
  CHECK(twice.substr(0, twice.size() / 2) == twice.substr(twice.size() / 2 + 1));
  CHECK(Redactor("other").placeholder(0, "a") != Redactor("salt").placeholder(0, "a"));
}

// Found by tests/fuzz/fuzz_secrets.cc.
TEST_CASE("redacting again changes nothing, though a placeholder is of another length", "[secrets]") {
  const Redactor redactor("some salt");
  const std::string texts[] = {"a:\\/\\/TOKEN;TOKEN=aZ\377\005@aabs8pjahSdrAc;@aabs",
                               "sig=aZ7FnulzUXBTXMtOoeDpQP1l010FvxruzXFIOTOKEN=a26N6HqZ2\001\0021"};
  for (const std::string& text : texts) {
    std::string once, twice;
    SecretCounts counts;
    std::vector<Redaction> edits;
    REQUIRE(redactor.redact(text, once, counts, &edits));
    CHECK_FALSE(redactor.redact(once, twice, counts));
    std::int64_t counted = 0;
    for (const auto& [kind, count] : counts) counted += count;
    CHECK(counted == std::ssize(edits));
  }
}

TEST_CASE("a key ends at its mark, even where that is cut off, and not in another record", "[secrets]") {
  const Redactor redactor("some salt");
  SecretMaker maker(12);
  const std::string begin = "-----BEGIN PRIVATE KEY-----\\n" + maker.alnum(64);
  SecretCounts counts;
  std::string out;
  REQUIRE(redactor.redact("{\"key\":\"" + begin + "\\n-----END PRI\"}\nwhat follows", out, counts));
  CHECK_THAT(out, Catch::EndsWith("]\"}\nwhat follows"));
  const std::string speaks = "{\"text\":\"look for -----BEGIN PRIVATE KEY----- first\"}\n{\"text\":\"a line of its own that stays as it is\"}\n"
                             "{\"text\":\"and for -----END PRIVATE KEY----- then\"}\n";
  CHECK_FALSE(redactor.redact(speaks, out, counts));
}
