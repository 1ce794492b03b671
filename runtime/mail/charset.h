/* runtime/mail/charset.h - Makes UTF-8 of the bytes of any charset, as a browser reads them. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* `label` is the charset as the sender names it. Bytes without a label, with an unknown label or with that of ASCII
 * count as UTF-8 if they are valid UTF-8, else as windows-1252. Bytes that are no character, and zero bytes, become
 * U+FFFD. A byte order mark counts before the label. The result is UTF-8; its control characters are kept. Freed by
 * the caller. */
GString *charset_utf8(const char *bytes, size_t length, const char *label);
