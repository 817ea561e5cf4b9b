// Turns what a person names (files, folders, patterns, "-") into the list of sources to load.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace cmem {

// A folder gives its *.jsonl, *.jsonl.gz and *.jsonl.zst at any depth, without hidden files and folders and without following links
// to folders. The sources of one path are in byte order of their names; a file that several paths name comes once. kNotFound: a
// path or pattern fits nothing.
Result<std::vector<std::string>> expand_sources(const std::vector<std::string>& paths);

}  // namespace cmem
