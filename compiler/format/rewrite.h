/* compiler/format/rewrite.h - Writes a text in a later language: its deprecated forms become those that stand for them,
 * and `language N;` stands first. The rewritten text gives the same program. */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Returns the text in the language `to`, malloc'ed, not yet in the style; its length is set in *length_of. NULL after
 * an error, which is printed to `errors`: the text has syntax errors. A text that is in that language, or in a later
 * one, stays as it is. */
char *format_rewritten(const char *path, const char *text, size_t length, int to, size_t *length_of, FILE *errors);
