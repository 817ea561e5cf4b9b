#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "corpus/scenes.h"

namespace cmem::corpus {
namespace {

struct VariableName {
  std::string_view name;
  Variable variable;
};

constexpr VariableName kVariableNames[] = {
    {"tool", Variable::kTool},         {"event", Variable::kEvent},
    {"server", Variable::kServer},     {"method", Variable::kMethod},
    {"model", Variable::kModel},       {"plugin", Variable::kPlugin},
    {"lang", Variable::kLanguage},     {"ext", Variable::kExtension},
    {"scope", Variable::kScope},       {"mode", Variable::kMode},
    {"agent", Variable::kAgent},       {"ver", Variable::kVersion},
    {"dims", Variable::kDims},         {"path", Variable::kPath},
    {"tmp", Variable::kTemp},          {"skillpath", Variable::kSkillPath},
    {"project", Variable::kProject},   {"home", Variable::kHome},
    {"snapshot", Variable::kSnapshot}, {"result", Variable::kResult},
    {"bin", Variable::kBinary},        {"url", Variable::kUrl},
    {"cmd", Variable::kCommand},       {"err", Variable::kError},
    {"branch", Variable::kBranch},     {"phrase", Variable::kPhrase},
    {"uuid", Variable::kUuid},         {"session", Variable::kSession},
    {"hex16", Variable::kHex16},       {"hex24", Variable::kHex24},
    {"hex40", Variable::kHex40},       {"hexpool", Variable::kHexPool},
    {"n", Variable::kUniform},         {"z", Variable::kSkewed},
    {"ms", Variable::kMilliseconds},   {"secs", Variable::kSeconds},
    {"pid", Variable::kPid},           {"word", Variable::kWord},
    {"stack", Variable::kStack},       {"rules", Variable::kRules},
    {"list", Variable::kList},         {"json", Variable::kJson},
};

Piece parse_variable(std::string_view text) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  for (const auto& known : kVariableNames) {
    if (known.name != name) continue;
    Piece piece{known.variable, {}, 0, 0};
    if (colon == std::string_view::npos) return piece;
    const auto dash = text.find('-', colon);
    if (dash == std::string_view::npos) break;
    std::from_chars(text.data() + colon + 1, text.data() + dash, piece.low);
    std::from_chars(text.data() + dash + 1, text.data() + text.size(), piece.high);
    return piece;
  }
  throw std::invalid_argument("scene table: unknown variable {" + std::string(text) + "}");
}

// A brace that does not open with a lower-case letter is text: log lines hold JSON.
bool opens_variable(std::string_view text, std::size_t i) {
  return text[i] == '{' && i + 1 < text.size() && text[i + 1] >= 'a' && text[i + 1] <= 'z';
}

std::vector<Piece> parse_pieces(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!opens_variable(text, i)) continue;
    if (i > plain) pieces.push_back({Variable::kLiteral, text.substr(plain, i - plain)});
    const auto close = text.find('}', i);
    if (close == std::string_view::npos) throw std::invalid_argument("scene table: open variable in " + std::string(text));
    pieces.push_back(parse_variable(text.substr(i + 1, close - i - 1)));
    plain = close + 1;
    i = close;
  }
  if (plain < text.size()) pieces.push_back({Variable::kLiteral, text.substr(plain)});
  return pieces;
}

}  // namespace

std::vector<Scene> parse_scenes(std::string_view table) {
  std::vector<Scene> scenes;
  std::uint32_t template_id = 0;
  while (!table.empty()) {
    const auto end = std::min(table.find('\n'), table.size());
    const auto line = table.substr(0, end);
    table.remove_prefix(std::min(end + 1, table.size()));
    if (line.empty()) continue;
    if (line[0] == '=') {
      scenes.push_back({0, {}});
      std::from_chars(line.data() + 2, line.data() + line.size(), scenes.back().weight);
    } else {
      scenes.back().lines.push_back({line[0], template_id++, parse_pieces(line.substr(2))});
    }
  }
  return scenes;
}

}  // namespace cmem::corpus
