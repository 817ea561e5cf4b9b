// Parses files of a home that stand in memory, whole or in pieces, as the loader does.
#pragma once
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "source/home_parser.h"
#include "unit/source/source_support.h"

namespace cmem::test {

inline LineChunk make_chunk(std::string_view bytes, std::int64_t byte_offset = 0, std::int64_t line_number = 1) {
  LineChunk chunk;
  if (byte_offset == 0 && bytes.starts_with("\xEF\xBB\xBF")) {
    chunk.after_bom = true;
    bytes.remove_prefix(3);
    byte_offset = 3;
  }
  chunk.size = bytes.size();
  chunk.bytes = PooledBytes(bytes.size() + kChunkPaddingBytes, nullptr);
  std::memcpy(chunk.bytes.get(), bytes.data(), bytes.size());
  std::memset(chunk.bytes.get() + bytes.size(), 0, kChunkPaddingBytes);
  chunk.first_line_number = line_number;
  chunk.byte_offset = byte_offset;
  chunk.ends_without_newline = !bytes.empty() && !bytes.ends_with('\n');
  return chunk;
}

struct HomeRun {
  std::vector<ParsedChunk> chunks;
  std::vector<const Record*> records;
  std::vector<const Reject*> rejects;
  std::vector<std::string> paths;
};

inline void collect(HomeRun& run) {
  run.records.clear();
  run.rejects.clear();
  run.paths.clear();
  for (const ParsedChunk& chunk : run.chunks) {
    for (const Record& record : chunk.records) run.records.push_back(&record);
    for (const Reject& reject : chunk.rejects) run.rejects.push_back(&reject);
    for (const std::string_view path : chunk.revealed_paths) {
      if (std::find(run.paths.begin(), run.paths.end(), path) == run.paths.end()) run.paths.emplace_back(path);
    }
  }
}

inline HomeFile home_file(std::string_view path, std::string_view agent = "claude") { return *find_agent(agent)->classify(path); }

// A file of known siblings.
inline HomeParserOptions home_options(std::int64_t mtime_ms = 1'000, std::map<std::string, std::string> siblings = {}) {
  HomeParserOptions options;
  options.mtime_ms = mtime_ms;
  options.read_sibling = [siblings = std::move(siblings)](std::string_view path) -> std::optional<std::string> {
    const auto found = siblings.find(std::string(path));
    return found == siblings.end() ? std::nullopt : std::optional(found->second);
  };
  return options;
}

inline HomeRun parse_home(const HomeFile& file, std::string_view bytes, HomeParserOptions options = home_options()) {
  HomeRun run;
  run.chunks.push_back(make_home_parser(file, std::move(options))->parse(make_chunk(bytes), true));
  collect(run);
  return run;
}

inline HomeRun parse_home(std::string_view path, std::string_view bytes, HomeParserOptions options = home_options()) {
  return parse_home(home_file(path), bytes, std::move(options));
}

// The file grows to each of the sizes in `cuts`, and is then whole. Only whole lines are read, except at the end. One parser reads
// all of it, or a new one each time goes on at the last one's resume point.
inline HomeRun parse_pieces(const HomeFile& file, std::string_view bytes, std::vector<std::size_t> cuts, bool new_parsers,
                            const HomeParserOptions& options = home_options()) {
  HomeRun run;
  auto parser = make_home_parser(file, options);
  std::size_t from = 0;
  std::int64_t line = 1;
  cuts.push_back(bytes.size());
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const bool last = i + 1 == cuts.size();
    std::size_t end = cuts[i];
    if (!last) end = bytes.substr(0, end).rfind('\n') == std::string_view::npos ? 0 : bytes.substr(0, end).rfind('\n') + 1;
    end = std::max(end, from);
    if (end == from && !last) continue;
    // Behind a byte order mark the first byte is the fourth.
    run.chunks.push_back(parser->parse(make_chunk(bytes.substr(from, end - from), static_cast<std::int64_t>(from), line), last));
    const ResumePoint& resume = run.chunks.back().resume;
    if (new_parsers) {
      parser = make_home_parser(file, options);
      parser->restore(resume.state);
      from = static_cast<std::size_t>(resume.byte_offset);
      line = resume.line_number;
    } else {
      line += std::count(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(end), '\n');
      from = end;
    }
  }
  collect(run);
  return run;
}

// All that a record says, so that two can be compared.
inline std::string describe(const Record& r) {
  std::string out;
  const auto add = [&](const char* name, std::string_view value) { out.append(name).append("=").append(value).append("|"); };
  add("type", to_string(r.source_type));
  add("level", to_string(r.level));
  add("time", std::to_string(r.time_ms) + "/" + std::to_string(static_cast<int>(r.time_precision)));
  add("prefix", std::to_string(static_cast<int>(r.prefix)));
  add("component", r.component);
  add("session", r.session);
  add("project", r.project);
  add("role", r.role);
  add("origin", r.origin);
  add("place", std::to_string(r.position) + "," + std::to_string(r.line_number) + "," + std::to_string(r.byte_offset));
  add("shape", r.shape == nullptr ? "" : r.shape->text());
  add("residue", r.residue);
  add("hash", std::to_string(r.text_hash == xxh3_64(r.text)));
  if (r.facts != nullptr) {
    add("uuid", r.facts->uuid);
    add("parent", r.facts->parent_uuid);
    if (const TokenUsage* u = r.facts->usage; u != nullptr) {
      add("reply", u->api_message_id);
      add("request", u->request_id);
      add("model", u->model);
      for (const std::int64_t n : {u->input, u->output, u->cache_creation, u->cache_read}) out += std::to_string(n) + ",";
    }
  }
  add("text", r.text);
  return out;
}

inline std::vector<std::string> describe(const HomeRun& run) {
  std::vector<std::string> all;
  for (const Record* record : run.records) all.push_back(describe(*record));
  for (const Reject* reject : run.rejects) all.push_back("reject " + std::to_string(reject->line_number) + " " + std::to_string(reject->byte_offset));
  return all;
}

// The file again, from the records and what was rejected. Blank lines of transcripts are not kept.
inline std::string restored(const HomeRun& run) {
  std::map<std::int64_t, std::string> lines;
  for (const Record* record : run.records) {
    if (record->shape != nullptr) lines[record->line_number] = restored(*record);
  }
  for (const Reject* reject : run.rejects) lines[reject->line_number] = reject->excerpt + "\n";
  std::string text;
  for (const auto& [number, line] : lines) text += line;
  return text;
}

inline std::string metadata_of(const Record& r) {
  const auto shape = Shape::parse(r.shape->text());
  const auto json = render_metadata_json(*shape, r.residue);
  return json ? *json : json.error().text;
}

}  // namespace cmem::test
