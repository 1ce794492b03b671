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

/* Bytes of the character at the front of `left`, which is not empty; what it is shown as, ended by a zero, in `shown`:
 * itself, or its number, or ? where it is not UTF-8. True: itself. */
bool shown_next(const uint8_t *bytes, size_t left, unsigned *length, char shown[SHOWN_MAX]);
/* As much as `size` has room for, and a zero. Returns the bytes before that. */
size_t shown_text(char *out, size_t size, const char *text);
char *shown_copy(const char *text);            /* all of it, malloc'ed */
char *shown_url(const char *url);              /* with **** for a user, a password and what a query says, malloc'ed */
void shown_write(FILE *out, const char *text); /* its line feeds and tabs are kept */
void shown_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3))); /* written so */
/* Writes to standard error, and is false. */
bool shown_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
void shown_vprint(FILE *out, const char *format, va_list) __attribute__((format(printf, 2, 0)));
