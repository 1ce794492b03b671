/* runtime/adapters/email/form_read.h - Reads a posted form; the struct owns its fields and files. Any bytes may be
 * given; parts_begin() must be called before. */
#pragma once

#include <glib.h>
#include <stddef.h>

enum { FORM_FIELD_MAX = 200 /* most bytes of a one-line field, and of a file's name */ };

struct form_read { /* the form's fields, UTF-8 of any length; NULL: the field is missing */
    char *name, *address, *subject, *text, *to;
    GArray *files; /* of struct composed_part */
};

/* Reads the form; returns what is wrong with it, or NULL. `type` is the request's Content-Type. A field is read by
 * its own charset, or else by that of the field `_charset_`, or of `type`, or else like a mail without a charset
 * (charset.h). The caller frees the form_read in either case. */
const char *form_read(struct form_read *, const char *type, const char *body, size_t length);
void form_read_free(struct form_read *);
