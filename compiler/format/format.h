/* compiler/format/format.h - One style for all strategies: indents, spaces, the order of clauses. The author's lines
 * stay lines, remarks and single empty lines stay where they are; formatting what is formatted changes nothing. */
#ifndef COMPILER_FORMAT_H
#define COMPILER_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The text as it should be, malloc'ed; NULL where it has syntax errors, which are then printed, or would be larger than
 * a source may be, which is said. */
char *format_text(const char *path, const char *text, size_t length, size_t *formatted, FILE *errors);

#endif
