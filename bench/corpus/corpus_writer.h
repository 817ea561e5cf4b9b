// Writes the extraction files of a corpus, in the shape of the real ones, without holding more than a buffer of them.
#pragma once
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "corpus/calibration.h"
#include "corpus/json_out.h"
#include "corpus/prose.h"
#include "corpus/scene_player.h"
#include "corpus/world.h"

namespace cmem::corpus {

// One JSONL file. Throws std::runtime_error naming the file where it cannot be written.
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  // The record to be written next; end_record() adds the newline and writes it out some time.
  [[nodiscard]] std::string& buffer() noexcept { return buffer_; }
  void end_record();
  // Flushes and reports failure, which the destructor cannot.
  void close();

  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  void flush();

  std::filesystem::path path_;
  std::FILE* file_;
  std::string buffer_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

class CorpusWriter {
 public:
  CorpusWriter(std::filesystem::path folder, std::uint64_t seed, const Counts& counts);

  // Writes all phases, once.
  void write();
  [[nodiscard]] const Calibration& calibration() const noexcept { return calibration_; }
  [[nodiscard]] const World& world() const noexcept { return world_; }

 private:
  void write_history();
  void write_prompt(OutputFile& file, const Session& session, std::uint64_t line, std::int64_t time_ms);
  void write_debug();
  void write_session_log(const Session& session);
  // Both return how many lines of the log the event takes.
  std::uint64_t write_debug_record(const Session& session, const SceneLine& scene_line, std::uint64_t line, std::int64_t time_ms,
                                   Rng& rng);
  std::uint64_t make_debug_content(const SceneLine& scene_line, std::int64_t time_ms, Rng& rng);
  [[nodiscard]] OutputFile& debug_file();
  void write_file_history();
  void write_file_history_record(OutputFile& file, const Session& session, Rng& rng);
  void write_todos();
  void write_todo(OutputFile& file, std::string_view source, Rng& rng);
  void write_checkpoints();
  void write_reply(OutputFile& file, const Session& session, std::uint64_t index, std::int64_t first_seen_us,
                   std::string_view checkpoint);
  void finish(OutputFile& file);

  std::filesystem::path folder_;
  std::uint64_t seed_;
  Counts counts_;
  Vocabulary vocabulary_;
  World world_;
  ScenePlayer scenes_;
  Prose prose_;
  Calibration calibration_;
  Sha256 sha256_;
  std::unique_ptr<OutputFile> debug_file_;
  std::uint64_t debug_records_ = 0;
  std::string content_;  // of the record at hand
  std::string source_;
};

}  // namespace cmem::corpus
