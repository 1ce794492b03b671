/* runtime/mail/rtf.h - Reads the text of a mail that Outlook has kept as RTF, compressed (MS-OXRTFCP). The layout is
 * left out. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Appends the RTF of a compressed one, at most `most` bytes. False: it is none. What is broken ends the reading. */
bool rtf_unpack(const void *bytes, size_t length, size_t most, GString *rtf);
/* Appends the text of the RTF in UTF-8: characters of a byte are in the code page that it names, else in `codepage`. */
void rtf_text(const char *rtf, size_t length, unsigned codepage, GString *text);
