#include "corpus/scene_player.h"

#include <iterator>

#include "corpus/json_out.h"

namespace cmem::corpus {
namespace {

constexpr std::string_view kTools[] = {"Bash",      "Read", "Edit",     "Write",     "Grep",    "Glob",
                                       "TodoWrite", "Task", "WebFetch", "WebSearch", "AskUser", "Notebook"};
constexpr std::string_view kEvents[] = {"PreToolUse",   "PostToolUse",  "UserPromptSubmit", "Stop",      "SubagentStop",
                                        "Notification", "SessionStart", "PreCompact",       "SessionEnd"};
constexpr std::string_view kServers[] = {"ide", "github", "browser", "postgres", "docs", "notes", "tracker", "design"};
constexpr std::string_view kMethods[] = {"getDiagnostics", "closeTabs",   "openDiff",   "query",      "navigate",
                                         "searchDocs",     "createIssue", "screenshot", "listTables", "readPage"};
constexpr std::string_view kModels[] = {"sonata-4-5", "haiku-4-5", "opus-4-1", "sonata-4"};
constexpr std::string_view kPlugins[] = {"typescript-lsp@official", "pyright-lsp@official", "rust-lsp@official",
                                         "review@official",         "commit@team",          "deploy@team",
                                         "docs@community"};
constexpr std::string_view kLanguages[] = {"typescript", "python", "rust", "cpp", "go"};
constexpr std::string_view kFileEndings[] = {"md", "py", "ts", "json", "sh", "tsx", "rs", "cc", "go", "yaml", "toml"};
constexpr std::string_view kScopes[] = {"projectSettings", "userSettings", "localSettings", "policySettings", "cliArg"};
constexpr std::string_view kModes[] = {"default", "acceptEdits", "plan", "bypass"};
constexpr std::string_view kAgents[] = {"prompt_suggestion", "explore", "plan", "compact", "general", "review", "test-runner"};
constexpr std::string_view kScreens[] = {"120x40", "80x24", "192x52", "104x37", "238x61", "160x48"};
constexpr std::string_view kBranches[] = {"main", "develop", "feature/search", "fix/locks", "release/2.1", "feature/import"};
constexpr std::string_view kErrors[] = {
    "connect ECONNREFUSED 127.0.0.1:",  "socket hang up after ",      "request timed out, id ", "read ECONNRESET on port ",
    "no space left for block ",         "permission denied for uid ", "lock is held by pid ",   "unexpected end of input at ",
    "certificate has expired, serial ", "EPIPE while writing byte "};
constexpr std::string_view kCommandForms[] = {"git status",  "git diff {}",   "npm test", "pytest -q {}", "ls -la {}",
                                              "cargo build", "grep -rn {} .", "make {}",  "cat {}",       "git commit -m {}"};

constexpr std::string_view kHomeDir = "/home/sam";
constexpr std::uint64_t kCommandPool = 1'500;
constexpr std::uint64_t kBlockPool = 700;
constexpr std::uint64_t kFilesPerSession = 40;

template <std::size_t N>
std::string_view any(const std::string_view (&choices)[N], Rng& rng) {
  return choices[rng.skewed(N)];
}

std::vector<std::uint64_t> weights_of(const std::vector<Scene>& scenes) {
  std::vector<std::uint64_t> weights;
  for (const auto& scene : scenes) weights.push_back(scene.weight << 20);
  return weights;
}

// Many short and few long durations, from 1 ms to half a minute.
std::int64_t draw_duration_ms(Rng& rng) {
  const auto scale = std::uint64_t{8} << rng.skewed(12);
  return static_cast<std::int64_t>(1 + rng.below(scale));
}

}  // namespace

ScenePlayer::ScenePlayer(const Vocabulary& vocabulary, std::uint64_t seed)
    : vocabulary_(vocabulary), seed_(seed), scenes_(parse_scenes(kSceneTable)), weights_(weights_of(scenes_)) {
  for (const auto& scene : scenes_) template_count_ += scene.lines.size();
  Rng rng(seed);
  for (std::uint64_t i = 0; i < kCommandPool; ++i) commands_.push_back(command(rng));
}

void ScenePlayer::set_stage(const Stage& stage) {
  stage_ = stage;
  played_ = 0;
}

// Work comes in stretches of the same kind: over half of the scenes repeat one of the last few. Copying from earlier draws leaves
// the expected share of each scene as the table says.
const Scene& ScenePlayer::draw_scene(Rng& rng) {
  for (auto& value : sticky_) value.clear();
  const bool copies = played_ >= recent_.size() && rng.chance(11, 20);
  const auto scene = copies ? recent_[rng.skewed(recent_.size())] : weights_.pick(rng.next());
  recent_[played_++ % recent_.size()] = scene;
  return scenes_[scene];
}

void ScenePlayer::append_body(std::string& out, const SceneLine& line, std::int64_t time_ms, Rng& rng) {
  for (const auto& piece : line.pieces) append_piece(out, piece, time_ms, rng);
}

void ScenePlayer::append_piece(std::string& out, const Piece& piece, std::int64_t time_ms, Rng& rng) {
  switch (piece.variable) {
    case Variable::kLiteral:
      out += piece.literal;
      return;
    case Variable::kUniform:
      append_number(out, rng.between(piece.low, piece.high));
      return;
    case Variable::kSkewed:
      append_number(out, piece.low + static_cast<std::int64_t>(rng.skewed(static_cast<std::uint64_t>(piece.high - piece.low) + 1)));
      return;
    case Variable::kMilliseconds:
      append_number(out, draw_duration_ms(rng));
      return;
    case Variable::kSeconds:
      append_number(out, static_cast<std::int64_t>(rng.skewed(90)));
      out += '.';
      append_number(out, rng.between(0, 9));
      return;
    case Variable::kPid:
      append_number(out, static_cast<std::int64_t>(1'000 + stage_.session_seed % 60'000 + rng.below(3)));
      return;
    case Variable::kWord:
      out += vocabulary_.name(rng);
      return;
    case Variable::kStack:
    case Variable::kRules:
    case Variable::kList:
    case Variable::kJson:
      append_block(out, piece.variable, rng);
      return;
    default:
      break;
  }
  auto& value = sticky_[static_cast<std::size_t>(piece.variable)];
  if (value.empty()) make_sticky(value, piece.variable, time_ms, rng);
  out += value;
}

void ScenePlayer::make_sticky(std::string& value, Variable variable, std::int64_t time_ms, Rng& rng) {
  switch (variable) {
    case Variable::kTool:
      value = any(kTools, rng);
      return;
    case Variable::kEvent:
      value = any(kEvents, rng);
      return;
    case Variable::kServer:
      value = any(kServers, rng);
      return;
    case Variable::kMethod:
      value = any(kMethods, rng);
      return;
    case Variable::kModel:
      value = any(kModels, rng);
      return;
    case Variable::kPlugin:
      value = any(kPlugins, rng);
      return;
    case Variable::kLanguage:
      value = any(kLanguages, rng);
      return;
    case Variable::kExtension:
      value = any(kFileEndings, rng);
      return;
    case Variable::kScope:
      value = any(kScopes, rng);
      return;
    case Variable::kMode:
      value = any(kModes, rng);
      return;
    case Variable::kAgent:
      value = any(kAgents, rng);
      return;
    case Variable::kDims:
      value = kScreens[stage_.session_seed % std::size(kScreens)];
      return;
    case Variable::kBranch:
      value = any(kBranches, rng);
      return;
    // Versions rise by one about every second day, as those of the tools do.
    case Variable::kVersion:
      value = "2.0." + std::to_string((time_ms / 86'400'000 / 2) % 90);
      return;
    case Variable::kUrl:
      value = "https://" + std::string(any(kServers, rng)) + ".example.com/v1/" + std::string(any(kMethods, rng));
      return;
    case Variable::kCommand:
      value = commands_[rng.skewed(commands_.size())];
      return;
    case Variable::kError:
      value = error_text(rng);
      return;
    case Variable::kPhrase:
      value = vocabulary_.name(rng) + " " + vocabulary_.name(rng);
      return;
    case Variable::kUuid:
      value = make_uuid(rng);
      return;
    case Variable::kSession:
      value = stage_.session_id;
      return;
    case Variable::kHex16:
      append_hex(value, rng, 16);
      return;
    case Variable::kHex24:
      append_hex(value, rng, 24);
      return;
    case Variable::kHex40:
      append_hex(value, rng, 40);
      return;
    case Variable::kHexPool: {
      Rng pooled(derive_seed(seed_, rng.skewed(600)));
      append_hex(value, pooled, 5);
      return;
    }
    default:
      make_path_like(value, variable, time_ms, rng);
  }
}

// A session works on a few dozen of its project's files.
const std::string& ScenePlayer::session_file(Rng& rng) const {
  const auto& files = stage_.project->files;
  return files[(stage_.session_seed % files.size() + rng.skewed(kFilesPerSession)) % files.size()];
}

void ScenePlayer::make_path_like(std::string& value, Variable variable, std::int64_t time_ms, Rng& rng) {
  switch (variable) {
    case Variable::kPath:
      value = session_file(rng);
      return;
    case Variable::kProject:
      value = stage_.project->path;
      return;
    case Variable::kHome:
      value = kHomeDir;
      return;
    case Variable::kBinary:
      value = std::string(kHomeDir) + "/.local/share/agent/versions/2.0." + std::to_string((time_ms / 86'400'000 / 2) % 90);
      return;
    case Variable::kSkillPath:
      value = stage_.project->path + "/.agent/skills/" + vocabulary_.name(rng) + "/SKILL.md";
      return;
    case Variable::kTemp: {
      auto& path = sticky_[static_cast<std::size_t>(Variable::kPath)];
      if (path.empty()) path = session_file(rng);
      value = path + ".tmp." + std::to_string(1'000 + stage_.session_seed % 60'000) + "." + std::to_string(time_ms);
      return;
    }
    case Variable::kSnapshot:
      value = std::string(kHomeDir) + "/.cache/agent/snapshot-bash-" + std::to_string(time_ms) + "-";
      break;
    default:
      value = std::string(kHomeDir) + "/.cache/agent/results/" + std::string(stage_.session_id) + "/";
      break;
  }
  append_hex(value, rng, 8);
  value += variable == Variable::kSnapshot ? ".sh" : ".txt";
}

// Blocks come from pools, so that they recur: the same call site fails again, the same rules are proposed again.
void ScenePlayer::append_block(std::string& out, Variable variable, Rng& rng) {
  const auto session_share = variable == Variable::kList ? mix64(stage_.session_seed) % 40 : rng.skewed(kBlockPool);
  Rng pooled(derive_seed(seed_, session_share * 16 + static_cast<std::uint64_t>(variable)));
  switch (variable) {
    case Variable::kStack:
      append_stack(out, pooled);
      return;
    case Variable::kRules:
      append_rules(out, pooled);
      return;
    case Variable::kList:
      append_list(out, pooled);
      return;
    default:
      append_json(out, pooled);
  }
}

void ScenePlayer::append_stack(std::string& out, Rng& rng) {
  for (auto frames = 3 + rng.skewed(9); frames > 0; --frames) {
    out += "\n    at ";
    if (rng.chance(1, 3)) out += "async ";
    out += vocabulary_.name(rng);
    out += rng.chance(1, 2) ? "." : "_";
    out += vocabulary_.name(rng);
    out += " (file:///opt/agent/dist/";
    out += vocabulary_.name(rng);
    out += ".js:";
    append_number(out, rng.between(1, 4'000));
    out += ':';
    append_number(out, rng.between(1, 120));
    out += ')';
  }
}

void ScenePlayer::append_rules(std::string& out, Rng& rng) {
  out += '[';
  for (auto rules = 1 + rng.skewed(4); rules > 0; --rules) {
    out += "\n  {\n    \"type\": \"addRules\",\n    \"rule\": \"";
    out += commands_[rng.skewed(commands_.size())];
    out += ":*\",\n    \"behavior\": \"allow\",\n    \"destination\": \"localSettings\"\n  }";
    if (rules > 1) out += ',';
  }
  out += "\n]";
}

void ScenePlayer::append_list(std::string& out, Rng& rng) {
  for (auto items = 4 + rng.skewed(16); items > 0; --items) {
    out += "\n- ";
    out += vocabulary_.name(rng);
    out += ": ";
    for (auto words = 3 + rng.below(6); words > 0; --words) {
      out += vocabulary_.word(vocabulary_.zipf_index(rng.next()));
      if (words > 1) out += ' ';
    }
  }
}

void ScenePlayer::append_json(std::string& out, Rng& rng) {
  out += '[';
  for (auto tools = 2 + rng.skewed(12); tools > 0; --tools) {
    out += "\n  {\"name\": \"";
    out += vocabulary_.name(rng);
    out += "\", \"readOnly\": ";
    out += rng.chance(1, 2) ? "true}" : "false}";
    if (tools > 1) out += ',';
  }
  out += "\n]";
}

std::string ScenePlayer::command(Rng& rng) const {
  std::string text(kCommandForms[rng.below(std::size(kCommandForms))]);
  const auto hole = text.find("{}");
  if (hole != std::string::npos) text.replace(hole, 2, vocabulary_.name(rng));
  return text;
}

std::string ScenePlayer::error_text(Rng& rng) const { return std::string(any(kErrors, rng)) + std::to_string(rng.skewed(9'000)); }

}  // namespace cmem::corpus
