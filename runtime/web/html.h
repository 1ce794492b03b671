/* runtime/web/html.h - HTML of others as a text. */
#pragma once

#include <glib.h>
#include <stddef.h>

/* The text of HTML in UTF-8, without scripts, styles and comments; links have their address. Takes time that grows with
 * the bytes only; the caller frees it. */
GString *html_plain_text(const char *html, size_t length);
/* The charset that a meta element in the first 1,024 bytes names, as browsers look for it. NULL: none does; the caller
 * frees it. */
char *html_charset(const char *html, size_t length);
