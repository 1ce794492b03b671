/* compiler/cli/file.h - Writes the file that a command has made: whole or not at all, and never over a source. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A slip of the hand, `-o x.gcx`, must not cost a source, or a device its place: only what begins so gives way, or an
 * empty file. Says so where it may not. */
bool file_may_replace(const char *path, const char *begins, const char *what);

/* Writes a file as a whole: a reader sees the old one or the new one, never a part. Reports failures itself. */
bool file_write(const char *path, const uint8_t *bytes, size_t length);
