/* compiler/cli/file.h - Writes the file that a command has made: whole or not at all, and never over a source. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May an output be written to this path? True where there is no file, an empty one, or one that begins with `begins`,
 * so that a slip of the hand as `-o x.gcx` costs no source and no device. Otherwise prints that the file there is no
 * `what`, the word for such an output. */
bool file_may_replace(const char *path, const char *begins, const char *what);

/* Writes a file as a whole: a reader sees the old one or the new one, never a part. Reports failures itself. */
bool file_write(const char *path, const uint8_t *bytes, size_t length);
