#include "watch_unit.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "agent_homes.h"
#include "failure.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

// As one word of a unit file, which has escapes, specifiers (%h) and variables ($HOME) of its own.
std::string quoted(std::string_view text, bool is_command) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%' || (c == '$' && is_command)) out += c;
    out += c;
  }
  return out + '"';
}

Failure file_failure(std::string_view what, const fs::path& path) {
  return {CMEM_E_IO, fmt::format("{} {}", what, path.string()), "check the folder's owner and mode"};
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Appears whole or not at all.
void write_text(const fs::path& path, const std::string& text) {
  const fs::path partial = path.string() + ".partial";
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(partial, std::ios::binary);
  file << text;
  file.close();
  if (file) fs::rename(partial, path, error);
  if (!file || error) throw file_failure("cannot write", path);
}

}  // namespace

std::string unit_text(const WatchUnit& unit) {
  std::string command;
  for (const std::string& word : unit.command) command += (command.empty() ? "" : " ") + quoted(word, true);
  std::string environment;
  for (const auto& [name, value] : unit.environment) environment += "Environment=" + quoted(name + "=" + value, false) + "\n";
  return fmt::format(
      "[Unit]\n"
      "Description=Keeps what coding agents write in the CODITECT memory\n"
      "\n"
      "[Service]\n"
      "ExecStart={}\n"
      "{}"
      "Restart=on-failure\n"
      "RestartSec=5\n"
      "RestartPreventExitStatus={} {}\n"
      "Nice=10\n"
      "IOSchedulingClass=idle\n"
      "\n"
      "[Install]\n"
      "WantedBy=default.target\n",
      command, environment, static_cast<int>(kExitUsage), static_cast<int>(kExitNewerFormat));
}

std::string unit_folder() {
  std::string config = environment("XDG_CONFIG_HOME");
  if (!config.starts_with('/')) config = environment("HOME") + "/.config";
  return config + "/systemd/user";
}

bool install_unit(const WatchUnit& unit) {
  const fs::path path = fs::path(unit_folder()) / kWatchUnit;
  const std::string text = unit_text(unit);
  std::error_code error;
  if (fs::exists(path, error) && read_text(path) == text) return false;
  write_text(path, text);
  return true;
}

// Also what `systemctl enable` made: it cannot undo that for a unit that is gone.
bool remove_unit() {
  const fs::path folder = unit_folder();
  std::error_code error;
  fs::remove(folder / "default.target.wants" / kWatchUnit, error);
  const bool removed = fs::remove(folder / kWatchUnit, error);
  if (error) throw file_failure("cannot remove", folder / kWatchUnit);
  return removed;
}

}  // namespace cli
