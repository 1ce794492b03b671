/* runtime/adapters/webhook/form.h - The fields of a form (application/x-www-form-urlencoded), decoded. The caller owns
 * them.
 *
 * A value is bytes: it may have zeros and invalid UTF-8, as a signature covers all of them. */
#pragma once

#include <glib.h>
#include <stddef.h>

struct form_field {
    GBytes *name, *value; /* the name is never empty */
};

/* Returns an array of struct form_field in the form's order, without wrongly encoded fields. The caller frees the
 * array by g_ptr_array_unref(). */
GPtrArray *form_fields(const char *body, size_t length);
