/* runtime/adapters/email/said.h - What the writer of a reply has written, without the mail that it quotes. */
#pragma once

#include <glib.h>

enum { SAID_UNQUOTED_MAX = 500 };

/* The text above what is quoted and above the signature, without blank lines around it. NULL: it is empty, or has more
 * than SAID_UNQUOTED_MAX bytes. Programs mark what they quote in many ways: `>`, a line of dashes, "On ... wrote:". The
 * caller frees it by g_free(). */
char *said_unquoted(const char *text);
