#include "agent_homes.h"

#include <coditect/memory.hpp>
#include <cstdlib>

namespace cli {

std::string environment(const std::string& variable) {
  const char* const value = std::getenv(variable.c_str());
  return value ? value : "";
}

std::vector<AgentHome> agent_homes() {
  cmem_cursor* rows = nullptr;
  cmem_error error{};
  if (cmem_agents(&rows, &error) < 0) throw coditect::Error(error.code, error.text, error.detail);
  coditect::Cursor agents(rows);
  std::vector<AgentHome> homes;
  while (const coditect::Row* row = agents.next()) {
    AgentHome& home = homes.emplace_back();
    home.agent = (*row)["agent"].text();
    home.variable = (*row)["variable"].text();
    home.home = environment(home.variable);
    if (home.home.empty()) home.home = environment("HOME") + "/" + std::string((*row)["folder"].text());
  }
  return homes;
}

}  // namespace cli
