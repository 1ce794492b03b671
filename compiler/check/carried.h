/* compiler/check/carried.h - Does this version have an engine for everything in a program? */
#pragma once

#include <stdbool.h>

#include "compiler/syntax/program.h"

/* Returns true where everything in a checked program has an engine. Each feature without an engine is reported. */
bool carried_engines(struct program *);
