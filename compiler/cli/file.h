/* compiler/cli/file.h - Writes the file that a command has made: whole or not at all, and never over a source. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/source.h"

/* May an output be written to this path? True where there is no file, an empty file, or a file that begins with
 * `begins`, so that a slip such as `-o x.gcx` overwrites no source and no device. Otherwise prints that the existing
 * file is no `what`, the word for such an output. */
bool file_may_replace(const char *path, const char *begins, const char *what);

/* Writes a file as a whole: a reader sees the old file or the new one, never a part. Reports failures itself. */
bool file_write(const char *path, const uint8_t *bytes, size_t length);

/* As file_write(), for a source that a person wrote, too: where it has no longer the old text, or another command is
 * writing it, it stays as it is, which is reported as a failure. */
source_write file_change;
/* As file_change(); a link and a file that is read-only stay as they are, too. */
source_write file_mend;

/* Returns the whole image at the path, malloc'ed; NULL, with the reason printed, where it cannot be read. */
uint8_t *file_read_image(const char *path, size_t *length);

/* json_load_file(), of a file that may be opened (base/inside.h). */
json_t *file_read_json(const char *path, json_error_t *why);

/* Does the file begin as an image does? False also where it cannot be read. */
bool file_is_image(const char *path);
