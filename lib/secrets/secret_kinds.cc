#include "secrets/secret_kinds.h"

#include <algorithm>
#include <array>

namespace cmem {
namespace {

// By name.
constexpr std::array<SecretKind, 87> kKinds{{
    {"age-secret-key", "age identity", "https://age-encryption.org/v1"},
    {"airtable-token", "Airtable personal access token", "https://airtable.com/developers/web/api/authentication"},
    {"alibaba-access-key", "Alibaba Cloud access key id",
     "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair"},
    {"anthropic-key", "Anthropic API key or OAuth token", "https://docs.anthropic.com/en/api/overview"},
    {"artifactory-key", "JFrog Artifactory API key",
     "https://jfrog.com/help/r/jfrog-platform-administration-documentation/api-key"},
    {"atlassian-token", "Atlassian API token",
     "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/"},
    {"aws-access-key", "AWS access key id", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"},
    {"aws-secret-key", "AWS secret access key", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"},
    {"aws-session-token", "AWS session token", "https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html"},
    {"azure-client-secret", "Microsoft Entra client secret",
     "https://learn.microsoft.com/en-us/entra/identity-platform/howto-create-service-principal-portal"},
    {"azure-sas-signature", "Azure shared access signature",
     "https://learn.microsoft.com/en-us/azure/storage/common/storage-sas-overview"},
    {"azure-shared-access-key", "Azure shared access key in a connection string",
     "https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-sas"},
    {"azure-storage-key", "Azure storage account key",
     "https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage"},
    {"basic-auth", "user and password of an HTTP Basic header", "https://www.rfc-editor.org/rfc/rfc7617"},
    {"bearer-token", "token of an HTTP Bearer header", "https://www.rfc-editor.org/rfc/rfc6750"},
    {"brevo-key", "Brevo API key", "https://developers.brevo.com/docs/getting-started"},
    {"buildkite-token", "Buildkite API token", "https://buildkite.com/docs/apis/managing-api-tokens"},
    {"circleci-token", "CircleCI personal API token", "https://circleci.com/docs/managing-api-tokens/"},
    {"cloudflare-token", "Cloudflare API token or origin CA key",
     "https://developers.cloudflare.com/fundamentals/api/get-started/create-token/"},
    {"contentful-token", "Contentful personal access token",
     "https://www.contentful.com/developers/docs/references/authentication/"},
    {"crates-io-token", "crates.io API token", "https://doc.rust-lang.org/cargo/reference/publishing.html"},
    {"database-url-password", "password in the URL of a database or queue", "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1"},
    {"databricks-token", "Databricks personal access token", "https://docs.databricks.com/en/dev-tools/auth/pat.html"},
    {"datadog-key", "Datadog API or application key", "https://docs.datadoghq.com/account_management/api-app-keys/"},
    {"digitalocean-token", "DigitalOcean token", "https://docs.digitalocean.com/reference/api/create-personal-access-token/"},
    {"discord-token", "Discord bot token", "https://discord.com/developers/docs/reference#authentication"},
    {"discord-webhook", "Discord webhook", "https://discord.com/developers/docs/resources/webhook"},
    {"docker-token", "Docker Hub access token", "https://docs.docker.com/security/access-tokens/"},
    {"doppler-token", "Doppler token", "https://docs.doppler.com/reference/auth-token-formats"},
    {"dynatrace-token", "Dynatrace API token",
     "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens"},
    {"easypost-key", "EasyPost API key", "https://docs.easypost.com/docs/authentication"},
    {"figma-token", "Figma personal access token", "https://www.figma.com/developers/api#access-tokens"},
    {"fly-token", "Fly.io access token", "https://fly.io/docs/security/tokens/"},
    {"gcp-service-account-key", "private key of a Google Cloud service account",
     "https://cloud.google.com/iam/docs/keys-create-delete"},
    {"github-pat", "GitHub fine-grained personal access token",
     "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/"
     "about-authentication-to-github#githubs-token-formats"},
    {"github-token", "GitHub token (personal, OAuth, app, refresh)",
     "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/"
     "about-authentication-to-github#githubs-token-formats"},
    {"gitlab-token", "GitLab token", "https://docs.gitlab.com/security/tokens/#token-prefixes"},
    {"google-api-key", "Google API key", "https://cloud.google.com/docs/authentication/api-keys"},
    {"google-oauth-secret", "Google OAuth client secret", "https://developers.google.com/identity/protocols/oauth2"},
    {"google-oauth-token", "Google OAuth access token", "https://developers.google.com/identity/protocols/oauth2"},
    {"grafana-token", "Grafana service account or cloud token",
     "https://grafana.com/docs/grafana/latest/administration/service-accounts/"},
    {"groq-key", "Groq API key", "https://console.groq.com/docs/quickstart"},
    {"heroku-key", "Heroku API key", "https://devcenter.heroku.com/articles/authentication"},
    {"huggingface-token", "Hugging Face token", "https://huggingface.co/docs/hub/security-tokens"},
    {"jwt", "JSON Web Token", "https://www.rfc-editor.org/rfc/rfc7519"},
    {"linear-key", "Linear API key", "https://linear.app/developers/graphql#personal-api-keys"},
    {"mailchimp-key", "Mailchimp API key", "https://mailchimp.com/developer/marketing/guides/quick-start/"},
    {"mailgun-key", "Mailgun API key", "https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt/"},
    {"mapbox-token", "Mapbox secret token", "https://docs.mapbox.com/help/getting-started/access-tokens/"},
    {"netlify-token", "Netlify personal access token", "https://docs.netlify.com/api/get-started/"},
    {"newrelic-key", "New Relic user key", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"},
    {"notion-token", "Notion integration token", "https://developers.notion.com/docs/authorization"},
    {"npm-auth-token", "authToken of an .npmrc", "https://docs.npmjs.com/cli/configuring-npm/npmrc"},
    {"npm-token", "npm access token", "https://docs.npmjs.com/about-access-tokens"},
    {"onepassword-token", "1Password service account token", "https://developer.1password.com/docs/service-accounts/"},
    {"openai-key", "OpenAI API key", "https://platform.openai.com/docs/api-reference/authentication"},
    {"openrouter-key", "OpenRouter API key", "https://openrouter.ai/docs/api-reference/authentication"},
    {"password", "value of a setting that is a password", "https://cwe.mitre.org/data/definitions/798.html"},
    {"perplexity-key", "Perplexity API key", "https://docs.perplexity.ai/guides/getting-started"},
    {"pgp-private-key", "PGP private key block", "https://www.rfc-editor.org/rfc/rfc9580#section-6.2"},
    {"planetscale-token", "PlanetScale token or password", "https://planetscale.com/docs/api/reference/service-tokens"},
    {"postman-key", "Postman API key", "https://learning.postman.com/docs/developer/postman-api/authentication/"},
    {"private-key", "private key in PEM", "https://www.rfc-editor.org/rfc/rfc7468"},
    {"pulumi-token", "Pulumi access token", "https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/"},
    {"pypi-token", "PyPI API token", "https://pypi.org/help/#apitoken"},
    {"replicate-token", "Replicate API token", "https://replicate.com/docs/topics/security/api-tokens"},
    {"rubygems-key", "RubyGems API key", "https://guides.rubygems.org/api-key-scopes/"},
    {"secret-setting", "value of a setting that is a key, token or secret", "https://cwe.mitre.org/data/definitions/798.html"},
    {"sendgrid-key", "SendGrid API key", "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys"},
    {"sentry-token", "Sentry auth token", "https://docs.sentry.io/account/auth-tokens/"},
    {"shopify-token", "Shopify access token", "https://shopify.dev/docs/apps/build/authentication-authorization"},
    {"slack-token", "Slack token", "https://api.slack.com/authentication/token-types"},
    {"slack-webhook", "Slack incoming webhook", "https://api.slack.com/messaging/webhooks"},
    {"square-token", "Square access token or secret", "https://developer.squareup.com/docs/build-basics/access-tokens"},
    {"ssh-private-key", "OpenSSH private key", "https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key"},
    {"stripe-key", "Stripe key or webhook secret", "https://docs.stripe.com/keys"},
    {"supabase-token", "Supabase token or secret key", "https://supabase.com/docs/guides/api/api-keys"},
    {"tailscale-key", "Tailscale key", "https://tailscale.com/kb/1252/key-secret-management"},
    {"teams-webhook", "Microsoft Teams incoming webhook",
     "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook"},
    {"telegram-bot-token", "Telegram bot token", "https://core.telegram.org/bots/api#authorizing-your-bot"},
    {"terraform-cloud-token", "HCP Terraform token",
     "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens"},
    {"twilio-account-sid", "Twilio account SID", "https://www.twilio.com/docs/glossary/what-is-a-sid"},
    {"twilio-api-key", "Twilio API key", "https://www.twilio.com/docs/iam/api-keys"},
    {"twilio-auth-token", "Twilio auth token", "https://www.twilio.com/docs/iam/api"},
    {"url-password", "password in a URL", "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1"},
    {"vault-token", "HashiCorp Vault token", "https://developer.hashicorp.com/vault/docs/concepts/tokens"},
    {"xai-key", "xAI API key", "https://docs.x.ai/docs/tutorial"},
}};

}  // namespace

std::span<const SecretKind> secret_kinds() { return kKinds; }

std::optional<std::uint8_t> find_secret_kind(std::string_view name) {
  const auto found = std::lower_bound(kKinds.begin(), kKinds.end(), name,
                                      [](const SecretKind& kind, std::string_view wanted) { return kind.name < wanted; });
  if (found == kKinds.end() || found->name != name) return std::nullopt;
  return static_cast<std::uint8_t>(found - kKinds.begin());
}

}  // namespace cmem
