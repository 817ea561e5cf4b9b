// Plays debug scenes: draws one by weight and fills in its variables.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/rng.h"
#include "corpus/scenes.h"
#include "corpus/words.h"
#include "corpus/world.h"

namespace cmem::corpus {

// What the variables of a session have in common.
struct Stage {
  const Project* project;
  std::string_view session_id;
  std::uint64_t session_seed;
};

class ScenePlayer {
 public:
  ScenePlayer(const Vocabulary& vocabulary, std::uint64_t seed);

  [[nodiscard]] std::size_t template_count() const noexcept { return template_count_; }
  void set_stage(const Stage& stage);

  // Starts a scene; its lines then go to append_body in their order.
  [[nodiscard]] const Scene& draw_scene(Rng& rng);
  void append_body(std::string& out, const SceneLine& line, std::int64_t time_ms, Rng& rng);

 private:
  void append_piece(std::string& out, const Piece& piece, std::int64_t time_ms, Rng& rng);
  void make_sticky(std::string& value, Variable variable, std::int64_t time_ms, Rng& rng);
  void make_path_like(std::string& value, Variable variable, std::int64_t time_ms, Rng& rng);
  [[nodiscard]] const std::string& session_file(Rng& rng) const;
  void append_block(std::string& out, Variable variable, Rng& rng);
  void append_stack(std::string& out, Rng& rng);
  void append_rules(std::string& out, Rng& rng);
  void append_list(std::string& out, Rng& rng);
  void append_json(std::string& out, Rng& rng);
  [[nodiscard]] std::string command(Rng& rng) const;
  [[nodiscard]] std::string error_text(Rng& rng) const;

  const Vocabulary& vocabulary_;
  std::uint64_t seed_;
  std::vector<Scene> scenes_;
  AliasTable weights_;
  std::size_t template_count_ = 0;
  std::vector<std::string> commands_;
  Stage stage_{};
  std::array<std::uint32_t, 8> recent_{};  // scenes played last, a ring; empty at a session's start
  std::size_t played_ = 0;
  std::array<std::string, kStickyVariables> sticky_;
};

}  // namespace cmem::corpus
