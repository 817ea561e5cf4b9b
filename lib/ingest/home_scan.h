// Lists the files of a coding agent's home that we read.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "source/home_file.h"

namespace cmem {

struct HomeEntry {
  std::string path;  // in the home, '/' between names
  HomeFile file;
  FileStat stat;
};

struct HomeListing {
  std::vector<HomeEntry> entries;               // in byte order of their paths
  std::map<std::string, std::int64_t> skipped;  // why, and how many: "symbolic link", "not a source"
};

// Opens no file, and follows no symbolic link: a link may lead out of the home, or to a file that is listed anyway. What another
// program removes meanwhile is left out. kNotFound: there is no such folder.
Result<HomeListing> list_home(const Agent& agent, const std::string& home);
// The same of these paths alone: those that are sources and are there.
HomeListing list_home_files(const Agent& agent, const std::string& home, const std::vector<std::string>& paths);

// Whose home the folder is, told by the folders in it. kNotFound: nobody's.
Result<const Agent*> agent_of_home(const std::string& home);

}  // namespace cmem
