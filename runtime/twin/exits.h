/* runtime/twin/exits.h - How gcxtwin ends, by the rows of exits.def. */
#pragma once

enum twin_exit {
#define EXIT(name, number, doc) TWIN_EXIT_##name = number,
#include "runtime/twin/exits.def"
#undef EXIT
};
