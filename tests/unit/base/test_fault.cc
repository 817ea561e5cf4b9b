// Needs a build with CMEM_TEST_HOOKS; without it the crash points are nothing.
#ifdef CMEM_TEST_HOOKS
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/fault.h"

namespace {

// Status of a child that passes "test.loop" five times and "test.end" once.
int run_child(const char* crash, const std::string& list) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("CMEM_CRASH", crash, 1);
    ::setenv("CMEM_CRASH_LIST", list.c_str(), 1);
    for (int i = 0; i < 5; ++i) CMEM_CRASH_POINT("test.loop");
    CMEM_CRASH_POINT("test.end");
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("A crash point kills the process at the chosen hit and lists the names it passed", "[base]") {
  const std::string list = (std::filesystem::temp_directory_path() / ("cmem-crash-" + std::to_string(::getpid()))).string();
  struct Case {
    const char* crash;
    bool is_killed;
    const char* names;
  };
  for (const Case& c : {Case{"test.loop:3", true, "test.loop\n"}, Case{"test.loop:6", false, "test.loop\ntest.end\n"},
                        Case{"test.end:1", true, "test.loop\ntest.end\n"}, Case{"other:1", false, "test.loop\ntest.end\n"}}) {
    std::filesystem::remove(list);
    const int status = run_child(c.crash, list);
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) == c.is_killed);
    CHECK(content_of(list) == c.names);
  }
  std::filesystem::remove(list);
}
#endif
