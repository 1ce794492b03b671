/* runtime/mail/text.h - Texts of mails in a form that can be shown to people: UTF-8 without control characters.
 *
 * All functions here accept any bytes, and their time grows only with the number of bytes. Strings are GLib's; the
 * caller frees. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Makes a text of bytes. `charset` is the name in the mail; if it is NULL, unknown or wrong, the charset is guessed.
 * Bytes that are no character become U+FFFD; control characters other than line feed and tab are left out. */
GString *text_utf8(const char *bytes, size_t length, const char *charset);
/* Makes one line: control characters and marks that change the direction of writing are left out, and line ends
 * become blanks. The line has at most `max` bytes, and is cut between characters. */
char *text_line(const char *text, size_t max);
/* Like text_line(), for bytes without a zero byte at their end. */
char *text_line_of(const char *bytes, size_t length);
/* Makes a file name: one line, without folders. NULL: nothing is left. */
char *text_file_name(const char *name, size_t max);
/* The text of format=flowed as its writer saw it (RFC 3676): a line that ends with a blank continues in the next
 * line of the same depth of quoting. `delsp`: that blank is no part of the text. */
GString *text_unflowed(const GString *, bool delsp);
/* Cuts the text to at most `max` bytes, between characters. True: it was longer. */
bool mail_text_cut(GString *, size_t max);
bool text_blank(const char *text);
