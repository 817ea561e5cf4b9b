// Secrets that are made up here, by chance, of every kind that is known; none of them was ever valid anywhere.
#pragma once
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cmem::testing {

struct Planted {
  std::string kind;
  std::string text;    // the line that it stands in
  std::string secret;  // what has to be found
};

class SecretMaker {
 public:
  explicit SecretMaker(std::uint64_t seed) : random_(seed) {}

  std::string pick(std::string_view alphabet, std::size_t size) {
    std::string text;
    while (text.size() < size) text += alphabet[random_() % alphabet.size()];
    return text;
  }
  std::string digits(std::size_t size) { return pick("123456789", size); }
  std::string hex(std::size_t size) { return "a1" + pick("0123456789abcdef", size - 2); }
  std::string upper(std::size_t size) { return "Q7" + pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", size - 2); }
  // At least one of each class, as by chance nearly all have.
  std::string alnum(std::size_t size) {
    return "aZ7" + pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", size - 3);
  }
  std::string url(std::size_t size) {
    return "bY3" + pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", size - 4) + "x";
  }
  static std::string base64(std::string_view bytes, bool padding) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      unsigned bits = 0;
      for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
      for (std::size_t j = 0; j < 4; ++j) {
        if (i + j <= bytes.size())
          text += kDigits[bits >> (18 - 6 * j) & 63U];
        else if (padding)
          text += '=';
      }
    }
    return text;
  }
  std::string pem(const std::string& label, const std::string& newline) {
    std::string text = "-----BEGIN " + label + "-----" + newline;
    for (int i = 0; i < 5; ++i) text += pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 64) + newline;
    return text + alnum(20) + "==" + newline + "-----END " + label + "-----";
  }

  // One of each kind, several of those that have several forms.
  std::vector<Planted> all();

 private:
  std::mt19937_64 random_;
};

inline std::vector<Planted> SecretMaker::all() {
  std::vector<Planted> out;
  const auto token = [&out](const std::string& kind, const std::string& secret) {
    out.push_back({kind, "export it as " + secret + ", then go on", secret});
  };
  const auto in = [&out](const std::string& kind, const std::string& before, const std::string& secret, const std::string& after = "") {
    out.push_back({kind, before + secret + after, secret});
  };
  token("age-secret-key", std::string("AGE-SECRET-") + "KEY-1" + pick("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58));
  token("airtable-token", "pat" + alnum(14) + "." + hex(64));
  token("alibaba-access-key", "LTAI" + alnum(20));
  token("anthropic-key", "sk-ant-api03-" + url(93) + "AA");
  token("artifactory-key", "AKCp" + alnum(69));
  token("atlassian-token", "ATATT3xFfGF0" + url(176));
  token("aws-access-key", "AKIA" + upper(16));
  token("aws-access-key", "ASIA" + upper(16));
  in("aws-secret-key", "aws_secret_access_key = ", pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 20) + "/3" + alnum(18));
  in("aws-secret-key", R"({"AccessKeyId": "x", "SecretAccessKey": ")", alnum(40), "\"}");
  in("aws-session-token", "AWS_SESSION_TOKEN=", alnum(300));
  token("azure-client-secret", "k3x8Q~" + url(34));
  in("azure-sas-signature", "https://a.blob.core.windows.net/c?sv=2022-11-02&sig=", alnum(43) + "%3D");
  in("azure-shared-access-key", "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=", alnum(43) + "=");
  in("azure-storage-key", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=", alnum(86) + "==", ";EndpointSuffix=core.windows.net");
  in("basic-auth", "Authorization: Basic ", base64("deploy:" + alnum(14), true));
  in("bearer-token", "Authorization: Bearer ", alnum(40));
  token("brevo-key", "xkeysib-" + hex(64) + "-" + alnum(16));
  token("buildkite-token", "bkua_" + hex(40));
  token("circleci-token", "CCIPAT_" + alnum(22) + "_" + hex(40));
  in("cloudflare-token", "CLOUDFLARE_API_TOKEN=", alnum(40));
  token("cloudflare-token", "v1.0-" + hex(24) + "-" + hex(146));
  token("contentful-token", "CFPAT-" + url(43));
  token("crates-io-token", "cio" + alnum(32));
  token("databricks-token", "dapi" + hex(32));
  in("database-url-password", "postgres://app:", alnum(16), "@db.internal:5432/app");
  in("database-url-password", "mongodb+srv://app:", alnum(16), "@cluster0.abcde.mongodb.net/app");
  in("database-url-password", "redis://:", alnum(20), "@cache:6379/0");
  in("database-url-password", "amqp://worker:", alnum(12), "@queue:5672");
  in("datadog-key", "DATADOG_API_KEY=", hex(32));
  token("digitalocean-token", "dop_v1_" + hex(64));
  token("discord-token", base64(digits(18), false) + "." + alnum(6) + "." + url(38));
  in("discord-webhook", "https://discord.com/api/webhooks/", digits(18) + "/" + url(68));
  token("docker-token", "dckr_pat_" + url(27));
  token("doppler-token", "dp.pt." + alnum(43));
  token("dynatrace-token", "dt0c01." + upper(24) + "." + upper(64));
  token("easypost-key", "EZAK" + alnum(54));
  token("figma-token", "figd_" + url(40));
  token("fly-token", "fm2_" + alnum(160));
  out.push_back({"gcp-service-account-key", "", pem("PRIVATE KEY", "\\n")});
  out.back().text = R"({"type": "service_account", "private_key": ")" + out.back().secret + R"(\n", "client_email": "a@b.iam"})";
  token("github-pat", "github_pat_" + alnum(22) + "_" + alnum(59));
  for (const char* prefix : {"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}) token("github-token", prefix + alnum(36));
  token("gitlab-token", "glpat-" + url(20));
  token("google-api-key", "AIza" + url(35));
  token("google-oauth-secret", "GOCSPX-" + url(28));
  token("google-oauth-token", "ya29." + url(120));
  token("grafana-token", "glsa_" + alnum(32) + "_" + hex(8));
  token("groq-key", "gsk_" + alnum(52));
  token("heroku-key", "HRKU-" + hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12));
  in("heroku-key", "HEROKU_API_KEY=", hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12));
  token("huggingface-token", "hf_" + alnum(34));
  token("jwt", base64(R"({"alg":"HS256","typ":"JWT"})", false) + "." + base64(R"({"sub":"12","name":"A. B."})", false) + "." + url(43));
  token("linear-key", "lin_api_" + alnum(40));
  token("mailchimp-key", hex(32) + "-us12");
  token("mailgun-key", "key-" + hex(32));
  token("mapbox-token", "sk.eyJ" + alnum(70) + "." + alnum(22));
  token("netlify-token", "nfp_" + alnum(40));
  token("newrelic-key", "NRAK-" + upper(27));
  token("notion-token", "ntn_" + alnum(46));
  token("notion-token", "secret_" + alnum(43));
  in("npm-auth-token", "//registry.example.org/:_authToken=", alnum(40));
  token("npm-token", "npm_" + alnum(36));
  token("onepassword-token", "ops_eyJ" + alnum(240));
  token("openai-key", "sk-proj-" + url(120));
  token("openai-key", "sk-" + alnum(20) + "T3BlbkFJ" + alnum(20));
  token("openrouter-key", "sk-or-v1-" + hex(64));
  in("password", "DB_PASSWORD=", alnum(10));
  in("password", R"({"user": "app", "password": ")", "k!" + alnum(9), "\"}");
  token("perplexity-key", "pplx-" + alnum(48));
  out.push_back({"pgp-private-key", "", pem("PGP PRIVATE KEY BLOCK", "\n")});
  out.back().text = "look:\n" + out.back().secret + "\n";
  token("planetscale-token", "pscale_tkn_" + url(43));
  token("postman-key", "PMAK-" + hex(24) + "-" + hex(34));
  for (const char* label : {"RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY"}) {
    out.push_back({"private-key", "", pem(label, "\n")});
    out.back().text = out.back().secret + "\n";
  }
  token("pulumi-token", "pul-" + hex(40));
  token("pypi-token", "pypi-AgEIcHlwaS5vcmc" + url(150));
  token("replicate-token", "r8_" + alnum(37));
  token("rubygems-key", "rubygems_" + hex(48));
  in("secret-setting", "X-Api-Key: ", alnum(32));
  in("secret-setting", "client_secret='", alnum(24), "'");
  token("sendgrid-key", "SG." + url(22) + "." + url(43));
  token("sentry-token", "sntrys_eyJ" + alnum(120));
  token("shopify-token", "shpat_" + hex(32));
  token("slack-token", "xoxb-" + digits(12) + "-" + digits(12) + "-" + alnum(24));
  token("slack-token", "xoxp-" + digits(12) + "-" + digits(12) + "-" + digits(12) + "-" + hex(32));
  in("slack-webhook", "https://hooks.slack.com/", "services/T" + upper(10) + "/B" + upper(10) + "/" + alnum(24));
  token("square-token", "sq0atp-" + url(22));
  token("square-token", "EAAA" + url(60));
  out.push_back({"ssh-private-key", "", pem("OPENSSH PRIVATE KEY", "\n")});
  out.back().text = "cat ~/.ssh/id_ed25519\n" + out.back().secret + "\n";
  token("stripe-key", "sk_live_" + alnum(24));
  token("stripe-key", "rk_live_" + alnum(99));
  token("supabase-token", "sbp_" + hex(40));
  token("tailscale-key", "tskey-auth-" + alnum(17) + "-" + alnum(32));
  in("teams-webhook", "https://a.webhook.office.com/webhookb2/", hex(36) + "/IncomingWebhook/" + hex(32) + "/" + hex(36));
  token("telegram-bot-token", digits(10) + ":AA" + url(33));
  token("terraform-cloud-token", alnum(14) + ".atlasv1." + url(67));
  token("twilio-account-sid", "AC" + hex(32));
  token("twilio-api-key", "SK" + hex(32));
  in("twilio-auth-token", "TWILIO_AUTH_TOKEN=", hex(32));
  in("url-password", "https://deploy:", alnum(14), "@git.example.org/a.git");
  token("vault-token", "hvs." + url(90));
  token("xai-key", "xai-" + alnum(80));
  return out;
}

}  // namespace cmem::testing
