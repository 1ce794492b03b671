/* compiler/format/format.h - The one style of all strategies: indents, spaces, the order of clauses.
 *
 * The author's line ends, remarks and single empty lines stay. Formatting a text that is in the style changes
 * nothing. */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Returns the text in the style, malloc'ed; its length is set in *formatted. NULL after an error, which is printed
 * to `errors`: the text has syntax errors, or would become larger than a source may be. */
char *format_text(const char *path, const char *text, size_t length, size_t *formatted, FILE *errors);
