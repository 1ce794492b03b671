/* runtime/web/html.h - Turns HTML from outside into plain text. */
#pragma once

#include <glib.h>
#include <stddef.h>

/* Returns the text of HTML in UTF-8, without scripts, styles and comments; links are followed by their address. The
 * time grows only in proportion to the bytes; the caller frees the text. */
GString *html_plain_text(const char *html, size_t length);
/* Returns the charset that a meta element in the first 1,024 bytes names, as browsers find it. NULL: no charset is
 * named; the caller frees the text. */
char *html_charset(const char *html, size_t length);
