/* runtime/vocabulary/sealed.h - Lines that a process keeps in a file for the one after it. Behind the last tab of each
 * stands a sum of it, and the first line says how many follow. So a changed line and missing lines are noticed, and the
 * other lines are still good.
 *
 * A text in which no line has a sum is of an earlier version, and is taken as it is. One without any line was cut: also
 * where there is nothing to keep, the first line is there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Returns the lines with their sums, malloc'ed. Each line ends with a line feed, and has a tab. */
char *sealed_text(const char *lines);
/* Leaves the good lines in `text`, without their sums. False: something was changed in it, or is gone. */
bool sealed_open(char *text, size_t length);
/* The same of a file, malloc'ed. NULL with the reason: it cannot be read. */
char *sealed_read(const char *path, bool *whole, const char **why);
