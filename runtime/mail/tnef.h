/* runtime/mail/tnef.h - Reads winmail.dat, the form in which Outlook sends a mail's files to those who do not read it
 * (TNEF, MS-OXTNEF). Only the files and the text are read, also that of RTF; the
 * layout is not. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct tnef_file {
    char *name; /* UTF-8, as the sender wrote it; NULL: it has none */
    GByteArray *bytes;
};

struct tnef {
    GString *text;    /* the mail's text; empty: none */
    GPtrArray *files; /* of struct tnef_file; those without bytes are left out */
};

/* Reads any bytes; false: they are no TNEF. What is broken in them ends the reading, and what came before stays. At
 * most `most` files are read. The caller frees with tnef_clear(), also after false. */
bool tnef_read(struct tnef *, const char *bytes, size_t length, size_t most);
void tnef_clear(struct tnef *);
