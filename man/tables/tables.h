/* man/tables/tables.h - The functions of tables.def: each prints its table to standard output. */
#pragma once

#define FILLER(word, print, frame) void print(void);
#include "man/tables/tables.def"
#undef FILLER
