/* tests/differential/starving.h - A random program is compiled, loaded and run, and each allocation is refused in turn.
 */
#pragma once

#include "tests/differential/differ.h"

/* As differ(). Where memory is refused the process ends itself, or the compiler refuses the program, or
 * all is as with that memory: anything else, as a crash or other bytes, is a difference. */
enum difference differ_starving(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told);
