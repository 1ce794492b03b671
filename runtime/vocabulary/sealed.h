/* runtime/vocabulary/sealed.h - Lines that a process writes into a file for its next start, with checksums. After
 * the last tab of each line there is its sum, and the first line says how many follow. So changed and missing lines
 * are noticed, and the other lines still count.
 *
 * A text in which no line has a sum comes from an earlier version, and is accepted as it is. A text without any line
 * was cut: even if there is nothing to keep, the first line is written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Returns the lines with their sums, malloc'ed. Each line ends with a line feed, and has a tab. */
char *sealed_text(const char *lines);
/* Leaves the good lines in `text`, without their sums. False: something in the text was changed, or is missing. */
bool sealed_open(char *text, size_t length);
/* Reads a file, malloc'ed, and leaves its good lines without their sums, as sealed_open() does. NULL with the
 * reason: the file cannot be read. */
char *sealed_read(const char *path, bool *whole, const char **why);
