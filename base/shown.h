/* base/shown.h - Displays text from outside safely on a terminal: characters that would move the cursor, change the
 * direction of writing or be invisible are written as \u{202e}.
 *
 * These characters are C0, DEL and C1, line and paragraph separators, bidirectional controls, spaces without width,
 * and tags. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { SHOWN_MAX = 10 }; /* bytes of one displayed character, with its final zero */

/* Takes the character at the front of `left` bytes, at least one: sets `length` to its size in bytes and `shown` to
 * the text to display, with a final zero: the character itself, its number, or a question mark if it is not UTF-8.
 * True: the character itself. */
bool shown_next(const uint8_t *bytes, size_t left, unsigned *length, char shown[SHOWN_MAX]);
/* Writes the text as it is displayed, cut to `size` bytes with a final zero. Returns the number of bytes before the
 * zero. */
size_t shown_text(char *out, size_t size, const char *text);
char *shown_copy(const char *text); /* all of it, malloc'ed */
/* Returns a malloc'ed copy of the URL with **** for its user, its password and the values of its query. */
char *shown_url(const char *url);
void shown_write(FILE *out, const char *text); /* writes the text as it is displayed, keeping line feeds and tabs */
/* Prints the formatted text with unsafe characters displayed by number. */
void shown_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints a refusal to standard error and returns false. */
bool shown_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
void shown_vprint(FILE *out, const char *format, va_list) __attribute__((format(printf, 2, 0)));
