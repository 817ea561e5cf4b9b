// cmem-corpus: writes a synthetic memory in the form of the real extraction files, of any size, the same for the same seed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <string>

#include "corpus/corpus_writer.h"

namespace {

struct Options {
  std::string mix;
  std::uint64_t messages = 273'188;
  std::uint64_t seed = 1;
  std::string folder;
};

int generate(const Options& options) {
  if (std::filesystem::exists(options.folder) && !std::filesystem::is_empty(options.folder)) {
    fmt::print(stderr, "cmem-corpus: {} is not empty; give a new folder\n", options.folder);
    return 2;
  }
  const auto mix = options.mix == "mixed" ? cmem::corpus::Mix::kMixed : cmem::corpus::Mix::kDebug;
  const auto start = std::chrono::steady_clock::now();
  cmem::corpus::CorpusWriter writer(options.folder, options.seed, cmem::corpus::split_messages(mix, options.messages));
  writer.write();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  writer.calibration().print(stdout, writer.world(), seconds.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Writes a synthetic memory: extraction files of phases 1 to 4 and checkpoint exports, in the shape of real ones.\n"
      "Example: cmem-corpus --mix mixed --messages 2000000 --seed 1 /tmp/corpus"};
  app.add_option("--mix", options.mix, "debug: 99.5 % debug lines; mixed: 90 %, the rest prompts and replies")
      ->check(CLI::IsMember({"debug", "mixed"}))
      ->required();
  app.add_option("--messages", options.messages, "How many messages in all")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Same seed, same bytes")->capture_default_str();
  app.add_option("DIR", options.folder, "The folder to write, new or empty")->required();
  try {
    app.parse(argc, argv);
    return generate(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "cmem-corpus: {}\n", error.what());
    return 6;
  }
}
