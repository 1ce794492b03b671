/* base/shown.h - Text from outside as people may see it on a terminal: what would move the cursor, turn
 * the direction of writing or hide itself is written as \u{202e}.
 *
 * These are C0, DEL and C1, line and paragraph separators, bidirectional controls, spaces without width, and tags. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { SHOWN_MAX = 10 }; /* bytes that a character may become, its final zero included */

/* Takes the character at the front of `left` bytes, at least one: sets `length` to its bytes and `shown` to its text
 * for people with a final zero: the character itself, its number, or ? where it is not UTF-8. True: the character
 * itself. */
bool shown_next(const uint8_t *bytes, size_t left, unsigned *length, char shown[SHOWN_MAX]);
/* Writes the text as it is shown, cut to `size` bytes with a final zero. Returns the bytes before the zero. */
size_t shown_text(char *out, size_t size, const char *text);
char *shown_copy(const char *text); /* all of it, malloc'ed */
/* The URL with **** for its user, password and query's values, malloc'ed. */
char *shown_url(const char *url);
void shown_write(FILE *out, const char *text); /* writes the text as it is shown, with its line feeds and tabs */
/* Prints the formatted text as it is shown. */
void shown_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints a refusal to standard error and returns false. */
bool shown_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
void shown_vprint(FILE *out, const char *format, va_list) __attribute__((format(printf, 2, 0)));
