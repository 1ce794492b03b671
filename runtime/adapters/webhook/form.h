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

/* Gives each struct form_field in its order, but none that is not encoded as it should be. Freed by
 * g_ptr_array_unref(). */
GPtrArray *form_fields(const char *body, size_t length);
