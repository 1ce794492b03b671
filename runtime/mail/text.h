/* runtime/mail/text.h - Texts of mails as people may be shown them: UTF-8 without control characters.
 *
 * Everything here takes any bytes, in time that grows with their number only. Strings are GLib's; the caller frees. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Makes a text of bytes. `charset` is as the mail names it; if it is NULL, unknown or wrong, it is guessed. Bytes that
 * are no character become U+FFFD, controls other than line feed and tab are left out. */
GString *text_utf8(const char *bytes, size_t length, const char *charset);
/* One line: what is no character, line ends, and marks that turn the direction of writing are left out. At most `max`
 * bytes, cut between characters. */
char *text_line(const char *text, size_t max);
/* As text_line(), of bytes without a zero at their end. */
char *text_line_of(const char *bytes, size_t length);
/* A file's name: a line, without the folders in front. NULL where nothing is left. */
char *text_file_name(const char *name, size_t max);
/* A text of format=flowed as its writer saw it (RFC 3676): lines that end in a blank go on in the next one of the same
 * depth of quotes. `delsp`: that blank was no part of it. */
GString *text_unflowed(const GString *, bool delsp);
/* Cuts the text to at most `max` bytes, between characters. True: it was longer. */
bool mail_text_cut(GString *, size_t max);
bool text_blank(const char *text);
