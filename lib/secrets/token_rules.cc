// Tokens that say by their first characters what they are.
#include "secrets/secret_kinds.h"
#include "secrets/secret_rules.h"

namespace cmem {
namespace {

constexpr std::size_t kMinDistinct = 5;

bool passes(std::string_view body, TokenCheck check) {
  if (distinct_bytes(body) < kMinDistinct || contains_folded(body, "xxxxx")) return false;
  const Alphabet classes = classes_of(body);
  if (check == TokenCheck::kNone) return true;
  if ((classes & kDigits) == 0) return false;
  return check == TokenCheck::kDigit || ((classes & kLower) != 0 && (classes & kUpper) != 0);
}

std::optional<SecretMatch> match_token(const AnchorPlace& place, const SecretRule& rule) {
  if (!starts_at(place.text, place.at, place.floor)) return std::nullopt;
  const std::size_t begin = place.at + rule.anchor.size();
  std::string_view body = leading(place.text.substr(begin), rule.alphabet);
  while (body.ends_with('.')) body.remove_suffix(1);  // of a sentence
  if (body.size() < rule.min || body.size() > rule.max || !passes(body, rule.check)) return std::nullopt;
  // A token of fixed length in the middle of other letters is none.
  const std::size_t end = begin + body.size();
  if (rule.max != kNoMax && end < place.text.size() && is_in(place.text[end], kAlnum)) return std::nullopt;
  return SecretMatch{place.at, end, rule.kind};
}

struct TokenRow {
  std::string_view kind, anchor;
  Alphabet alphabet;
  std::uint16_t min, max;
  TokenCheck check = TokenCheck::kNone;
};

constexpr auto kMixed = TokenCheck::kMixed;
constexpr auto kDigit = TokenCheck::kDigit;
constexpr Alphabet kUpperDigits = kUpper | kDigits;

constexpr TokenRow kTokens[] = {
    {"age-secret-key", "AGE-SECRET-KEY-1", kUpperDigits, 58, 58},
    {"airtable-token", "pat", kAlnum | kDot, 79, 79, kDigit},
    {"alibaba-access-key", "LTAI", kAlnum, 12, 20, kMixed},
    {"anthropic-key", "sk-ant-", kUrl, 24, kNoMax, kDigit},
    {"artifactory-key", "AKCp", kAlnum, 65, 75, kMixed},
    {"atlassian-token", "ATATT3", kUrl | kEquals, 60, kNoMax, kMixed},
    {"atlassian-token", "ATCTT3", kUrl | kEquals, 60, kNoMax, kMixed},
    {"aws-access-key", "AKIA", kUpperDigits, 16, 16},
    {"aws-access-key", "ASIA", kUpperDigits, 16, 16, kDigit},
    {"aws-access-key", "ABIA", kUpperDigits, 16, 16, kDigit},
    {"aws-access-key", "ACCA", kUpperDigits, 16, 16, kDigit},
    {"brevo-key", "xkeysib-", kHex | kDash | kAlnum, 64, 96, kDigit},
    {"buildkite-token", "bkua_", kHex, 40, 40},
    {"circleci-token", "CCIPAT_", kWord, 40, 80, kDigit},
    {"cloudflare-token", "v1.0-", kHex | kDash, 100, 200, kDigit},
    {"contentful-token", "CFPAT-", kUrl, 43, 43},
    {"crates-io-token", "cio", kAlnum, 32, 32, kMixed},
    {"databricks-token", "dapi", kHex | kDash, 32, 34, kDigit},
    {"digitalocean-token", "dop_v1_", kHex, 64, 64},
    {"digitalocean-token", "doo_v1_", kHex, 64, 64},
    {"digitalocean-token", "dor_v1_", kHex, 64, 64},
    {"docker-token", "dckr_pat_", kUrl, 20, 64},
    {"docker-token", "dckr_oat_", kUrl, 20, 64},
    {"doppler-token", "dp.pt.", kAlnum, 40, 44},
    {"doppler-token", "dp.ct.", kAlnum, 40, 44},
    {"doppler-token", "dp.sa.", kAlnum, 40, 44},
    {"doppler-token", "dp.st.", kUrl | kDot, 40, 80},
    {"dynatrace-token", "dt0c01.", kUpperDigits | kDot, 89, 89, kDigit},
    {"easypost-key", "EZAK", kAlnum, 54, 54, kMixed},
    {"easypost-key", "EZTK", kAlnum, 54, 54, kMixed},
    {"figma-token", "figd_", kUrl, 38, 64},
    {"fly-token", "fo1_", kUrl, 43, 64, kMixed},
    {"fly-token", "fm1r_", kBase64 | kUrl, 60, kNoMax, kMixed},
    {"fly-token", "fm1a_", kBase64 | kUrl, 60, kNoMax, kMixed},
    {"fly-token", "fm2_", kBase64 | kUrl, 60, kNoMax, kMixed},
    {"github-pat", "github_pat_", kWord, 60, 255, kDigit},
    {"github-token", "ghp_", kAlnum, 36, 255},
    {"github-token", "gho_", kAlnum, 36, 255},
    {"github-token", "ghu_", kAlnum, 36, 255},
    {"github-token", "ghs_", kAlnum, 36, 255},
    {"github-token", "ghr_", kAlnum, 36, 255},
    {"gitlab-token", "glpat-", kUrl | kDot, 20, 300},
    {"gitlab-token", "gldt-", kUrl | kDot, 20, 300},
    {"gitlab-token", "glrt-", kUrl | kDot, 20, 300},
    {"gitlab-token", "glptt-", kUrl, 40, 300},
    {"gitlab-token", "glcbt-", kUrl, 20, 300},
    {"gitlab-token", "glimt-", kUrl, 20, 300},
    {"gitlab-token", "glft-", kUrl, 20, 300},
    {"gitlab-token", "glsoat-", kUrl, 20, 300},
    {"gitlab-token", "gloas-", kUrl, 20, 300},
    {"gitlab-token", "glagent-", kUrl, 20, 300},
    {"google-api-key", "AIza", kUrl, 35, 35},
    {"google-oauth-secret", "GOCSPX-", kUrl, 20, 40},
    {"google-oauth-token", "ya29.", kUrl | kDot, 30, kNoMax, kMixed},
    {"grafana-token", "glsa_", kAlnum | kUnderscore, 41, 41},
    {"grafana-token", "glc_", kBase64, 32, kNoMax, kMixed},
    {"groq-key", "gsk_", kAlnum, 40, 64, kMixed},
    {"heroku-key", "HRKU-", kUrl, 36, 64, kDigit},
    {"huggingface-token", "hf_", kAlnum, 30, 40},
    {"huggingface-token", "api_org_", kAlnum, 30, 40, kMixed},
    {"linear-key", "lin_api_", kAlnum, 32, 64},
    {"linear-key", "lin_oauth_", kAlnum, 32, 80},
    {"mailgun-key", "key-", kHex, 32, 32, kDigit},
    {"mapbox-token", "sk.eyJ", kUrl | kDot, 60, kNoMax, kMixed},
    {"netlify-token", "nfp_", kAlnum, 32, 64, kMixed},
    {"newrelic-key", "NRAK-", kUpperDigits, 27, 27},
    {"notion-token", "secret_", kAlnum, 43, 43, kMixed},
    {"notion-token", "ntn_", kAlnum, 40, 60, kDigit},
    {"npm-token", "npm_", kAlnum, 36, 36},
    {"onepassword-token", "ops_eyJ", kUrl | kEquals, 100, kNoMax, kMixed},
    {"openai-key", "sk-proj-", kUrl, 32, kNoMax, kMixed},
    {"openai-key", "sk-svcacct-", kUrl, 32, kNoMax, kMixed},
    {"openai-key", "sk-admin-", kUrl, 32, kNoMax, kMixed},
    {"openrouter-key", "sk-or-v1-", kHex, 64, 64},
    {"openai-key", "sk-", kAlnum, 32, 64, kMixed},
    {"perplexity-key", "pplx-", kAlnum, 40, 64, kMixed},
    {"planetscale-token", "pscale_tkn_", kUrl | kDot, 32, 64},
    {"planetscale-token", "pscale_pw_", kUrl | kDot, 32, 64},
    {"planetscale-token", "pscale_oauth_", kUrl | kDot, 32, 64},
    {"postman-key", "PMAK-", kHex | kDash, 59, 59},
    {"pulumi-token", "pul-", kHex, 40, 40},
    {"pypi-token", "pypi-AgE", kUrl, 50, kNoMax, kMixed},
    {"replicate-token", "r8_", kAlnum, 37, 40, kMixed},
    {"rubygems-key", "rubygems_", kHex, 48, 48},
    {"sendgrid-key", "SG.", kUrl | kDot, 66, 66, kMixed},
    {"sentry-token", "sntrys_", kBase64 | kUrl, 60, kNoMax, kMixed},
    {"sentry-token", "sntryu_", kHex, 64, 64},
    {"shopify-token", "shpat_", kHex | kUpperAf, 32, 32},
    {"shopify-token", "shpca_", kHex | kUpperAf, 32, 32},
    {"shopify-token", "shppa_", kHex | kUpperAf, 32, 32},
    {"shopify-token", "shpss_", kHex | kUpperAf, 32, 32},
    {"slack-token", "xoxb-", kUrl, 20, kNoMax, kDigit},
    {"slack-token", "xoxp-", kUrl, 20, kNoMax, kDigit},
    {"slack-token", "xoxa-", kUrl, 20, kNoMax, kDigit},
    {"slack-token", "xoxr-", kUrl, 20, kNoMax, kDigit},
    {"slack-token", "xoxs-", kUrl, 20, kNoMax, kDigit},
    {"slack-token", "xoxe-", kUrl, 20, kNoMax, kDigit},
    {"slack-token", "xoxc-", kUrl, 20, kNoMax, kDigit},
    {"slack-token", "xoxd-", kUrl | kPercent, 20, kNoMax, kDigit},
    {"slack-token", "xoxe.xox", kUrl | kDot, 30, kNoMax, kDigit},
    {"slack-token", "xapp-", kUrl, 30, kNoMax, kDigit},
    {"square-token", "sq0atp-", kUrl, 22, 22},
    {"square-token", "sq0csp-", kUrl, 43, 43},
    {"square-token", "EAAA", kUrl, 60, 60, kMixed},
    {"stripe-key", "sk_live_", kAlnum, 16, 247, kDigit},
    {"stripe-key", "rk_live_", kAlnum, 16, 247, kDigit},
    {"stripe-key", "sk_test_", kAlnum, 16, 247, kDigit},
    {"stripe-key", "rk_test_", kAlnum, 16, 247, kDigit},
    {"stripe-key", "whsec_", kBase64, 32, 64, kMixed},
    {"supabase-token", "sbp_", kHex, 40, 40},
    {"supabase-token", "sb_secret_", kUrl, 31, 48, kMixed},
    {"tailscale-key", "tskey-", kUrl, 24, 100, kDigit},
    {"twilio-account-sid", "AC", kHex, 32, 32, kDigit},
    {"twilio-api-key", "SK", kHex, 32, 32, kDigit},
    {"vault-token", "hvs.", kUrl, 24, kNoMax, kMixed},
    {"vault-token", "hvb.", kUrl, 60, kNoMax, kMixed},
    {"vault-token", "hvr.", kUrl, 24, kNoMax, kMixed},
    {"xai-key", "xai-", kAlnum, 70, 90, kMixed},
};

}  // namespace

bool starts_at(std::string_view text, std::size_t at, std::size_t floor) {
  if (at <= floor || !is_in(text[at - 1], kAlnum)) return true;
  const std::string_view before = text.substr(floor, at - floor);
  const auto ends_escape = [&](std::size_t size, char mark) {
    return before.size() >= size && before[before.size() - size] == mark;
  };
  if (ends_escape(2, '\\') || ends_escape(3, '%')) return true;
  if (before.size() >= 6 && before.substr(before.size() - 6, 2) == "\\u" &&
      leading(before.substr(before.size() - 4), kHex).size() == 4)
    return true;
  // ESC [ 32 m
  if (before.back() != 'm') return false;
  const std::string_view colour = before.substr(0, before.size() - 1);
  const std::string_view digits = trailing(colour, kDigits);
  return !digits.empty() && colour.size() > digits.size() &&
         (colour[colour.size() - digits.size() - 1] == '[' || colour[colour.size() - digits.size() - 1] == ';');
}

void add_token_rules(std::vector<SecretRule>& rules) {
  for (const TokenRow& row : kTokens)
    rules.push_back({row.anchor, *find_secret_kind(row.kind), match_token, row.alphabet, row.min, row.max, row.check});
}

}  // namespace cmem
