/* compiler/recovery/braces.h - Which brace of a text that does not balance is the odd one, by how far in the lines
 * begin.
 *
 * One that is forgotten is noticed far behind it, and often more than once. The texts are those that people indent: a
 * block ends on a line that begins as the one where it was opened, or on that line itself. */
#ifndef COMPILER_BRACES_H
#define COMPILER_BRACES_H

#include <stdbool.h>
#include <stddef.h>

struct odd_brace {
    bool found;
    bool open; /* the '{' at `at` is not closed; else a '{' is missing in the line that begins there */
    size_t at;
};

/* The first one behind `from`, which is outside of all braces. Nothing is found in a declaration whose braces balance,
 * or where the lines tell nothing. */
struct odd_brace braces_odd(const char *text, size_t length, size_t from);

#endif
