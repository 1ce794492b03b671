/* runtime/adapters/email/form_read.h - Reads a posted form, and owns the fields and files of it. Any bytes may be
 * given; needs parts_begin(). */
#pragma once

#include <glib.h>
#include <stddef.h>

enum { FORM_FIELD_MAX = 200 /* bytes of a line, and of a file's name */ };

struct form_read { /* UTF-8 of any length; NULL: the form has no such field */
    char *name, *address, *subject, *text, *to;
    GArray *files; /* of struct composed_part */
};

/* Reads the form; returns NULL, or what is wrong with it. `type` is the request's Content-Type. A field is read by its
 * own charset, else by that of the field `_charset_`, else by that of `type`, else as a mail without one (charset.h).
 * The caller frees the form_read in either case. */
const char *form_read(struct form_read *, const char *type, const char *body, size_t length);
void form_read_free(struct form_read *);
