// The unit that lets systemd keep `memory ingest watch` running for the user who is logged in.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace cli {

inline constexpr const char* kWatchUnit = "coditect-memory.service";

struct WatchUnit {
  std::vector<std::string> command;  // the program by its absolute path, and its arguments
  std::vector<std::pair<std::string, std::string>> environment;
};

std::string unit_text(const WatchUnit& unit);

// $XDG_CONFIG_HOME/systemd/user, else ~/.config/systemd/user.
std::string unit_folder();

// Writes the unit; false if it was there already, just so. Throws Failure.
bool install_unit(const WatchUnit& unit);
// Removes it; false if there was none. Throws Failure.
bool remove_unit();

}  // namespace cli
