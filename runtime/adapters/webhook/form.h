/* runtime/adapters/webhook/form.h - The fields of a form (application/x-www-form-urlencoded), decoded. The caller owns
 * them.
 *
 * A value is bytes: it may have zeros and what is no UTF-8, as a signature is over all of them. */
#pragma once

#include <glib.h>
#include <stddef.h>

struct form_field {
    GBytes *name, *value; /* the name is not empty */
};

/* Returns an array of struct form_field in the form's order, without fields that are encoded wrongly. The caller frees
 * it by g_ptr_array_unref(). */
GPtrArray *form_fields(const char *body, size_t length);
