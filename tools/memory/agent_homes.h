// Where the coding agents themselves keep their files.
#pragma once
#include <string>
#include <vector>

namespace cli {

struct AgentHome {
  std::string agent;     // "claude"
  std::string variable;  // the environment variable that names the home
  std::string home;      // there may be nothing at this path
};

// Of all agents that the library knows.
std::vector<AgentHome> agent_homes();

// The value of an environment variable; empty if it is not set.
std::string environment(const std::string& variable);

}  // namespace cli
