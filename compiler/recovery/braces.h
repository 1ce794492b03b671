/* compiler/recovery/braces.h - Finds the odd brace of a text whose braces do not balance, by its lines' indentation.
 *
 * The parser notices a forgotten brace far behind it, and often more than once. People indent their texts: a block ends
 * on the line that opened it, or on a line with the same indentation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct odd_brace {
    bool found;
    bool open; /* the '{' at `at` is not closed; else a '{' is missing in the line that begins there */
    size_t at;
};

/* The first odd brace behind the offset `from`, which lies outside of all braces. Not found where the braces of every
 * declaration balance, or where a string that is not closed leaves open which braces count. */
struct odd_brace braces_odd(const char *text, size_t length, size_t from);
