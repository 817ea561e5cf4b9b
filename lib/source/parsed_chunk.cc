#include "source/parsed_chunk.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "source/text_arena.h"

namespace cmem {

// What a ParsedChunk leaves behind for the next one.
struct ChunkMemory {
  std::vector<Record> records;
  std::unique_ptr<TextArena> arena;
};

ParsedChunk::ParsedChunk() = default;
ParsedChunk::~ParsedChunk() { release(); }
ParsedChunk::ParsedChunk(ParsedChunk&&) noexcept = default;

ParsedChunk& ParsedChunk::operator=(ParsedChunk&& other) noexcept {
  if (this == &other) return *this;
  release();
  records = std::move(other.records);
  rejects = std::move(other.rejects);
  lines = other.lines;
  blank_lines = other.blank_lines;
  hash_mismatches = other.hash_mismatches;
  bytes = other.bytes;
  kept_lines = std::move(other.kept_lines);
  resume = std::move(other.resume);
  revealed_paths = std::move(other.revealed_paths);
  source_ = std::move(other.source_);
  arena_ = std::move(other.arena_);
  pool_ = std::move(other.pool_);
  shapes_ = std::move(other.shapes_);
  return *this;
}

void ParsedChunk::release() noexcept {
  if (!pool_ || !arena_) return;
  records.clear();
  arena_->clear();
  pool_->give({std::move(records), std::move(arena_)});
}

void ParsedChunk::take_source_rejects() {
  lines += static_cast<std::int64_t>(source_.rejects.size());
  std::move(source_.rejects.begin(), source_.rejects.end(), std::back_inserter(rejects));
  source_.rejects.clear();
  std::move(source_.kept_lines.begin(), source_.kept_lines.end(), std::back_inserter(kept_lines));
  source_.kept_lines.clear();
}

ChunkFactory::ChunkFactory() : pool_(std::make_shared<Pool<ChunkMemory>>()) {}

ParsedChunk ChunkFactory::begin(LineChunk source, std::shared_ptr<const void> shapes) {
  ParsedChunk parsed;
  ChunkMemory memory = pool_->take();
  parsed.records = std::move(memory.records);
  parsed.arena_ = memory.arena ? std::move(memory.arena) : std::make_unique<TextArena>();
  parsed.pool_ = pool_;
  parsed.shapes_ = std::move(shapes);
  parsed.bytes = static_cast<std::int64_t>(source.size);
  parsed.source_ = std::move(source);
  return parsed;
}

}  // namespace cmem
