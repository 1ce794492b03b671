/* tests/outside/assert.h - Stands before the system's assert.h in the build of outside.sh: an assertion tells whether
 * its condition was computed from bytes that came from outside. */
#pragma once

void outside_asserts(long holds, const char *file, int line, const char *text);

#define static_assert _Static_assert
#define assert(condition) outside_asserts((long)!!(condition), __FILE__, __LINE__, #condition)
