/* runtime/mail/charset.h - Makes UTF-8 of the bytes of any charset, as a browser reads them. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* `label` is the charset as the sender names it. Bytes without a label, with an unknown one or with that of ASCII are
 * UTF-8 if they can be, else windows-1252. Bytes that are no character, and zeros, become U+FFFD. A mark of the
 * byte order wins over the label. The result is UTF-8 with its control characters. Freed by the caller. */
GString *charset_utf8(const char *bytes, size_t length, const char *label);
