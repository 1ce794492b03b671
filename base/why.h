/* base/why.h - A refusal as a sentence for people, written into a buffer of the caller.
 *
 * For functions that have `char *why, size_t why_size` in place of a struct error: their failures have no code. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Writes the sentence, cut at `size` bytes, and returns false: `return why_set(why, why_size, "listen: %s",
 * reason)`. */
bool why_set(char *why, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Writes a message of libpq as one sentence: its first line, and each further line about a connection. libpq tries each
 * address of a host and writes a line per address, and these may differ: nobody listens at ::1, and at 127.0.0.1 the
 * certificate is wrong. Other lines are advice, or quote the statement, and are left out. */
void why_connections(char *why, size_t size, const char *lines);
