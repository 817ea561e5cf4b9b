// The main program of every Catch2 binary. Compiled once, since the implementation of Catch2 takes ten seconds.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
