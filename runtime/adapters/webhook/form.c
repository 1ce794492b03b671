/* runtime/adapters/webhook/form.c - Divides a form at & and =, and decodes + and %XX. */
#include "runtime/adapters/webhook/form.h"

#include <string.h>

static void form_field_free(gpointer data)
{
    struct form_field *field = data;
    if (field->name) g_bytes_unref(field->name);
    if (field->value) g_bytes_unref(field->value);
    g_free(field);
}

/* Decodes a name or value; NULL: a % has no two digits after it. */
static GBytes *form_decoded(const char *text, size_t length)
{
    char *plain = g_strndup(text, length);
    GBytes *decoded = g_uri_unescape_bytes(g_strdelimit(plain, "+", ' '), -1, NULL, NULL);
    g_free(plain);
    return decoded;
}

GPtrArray *form_fields(const char *body, size_t length)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(form_field_free);
    char *text = g_strndup(body, length);
    for (const char *at = text; *at; at += *at == '&') {
        size_t whole = strcspn(at, "&"), name = strcspn(at, "=&"), value = MIN(name + 1, whole);
        struct form_field *field = g_new0(struct form_field, 1);
        field->name = form_decoded(at, name);
        field->value = form_decoded(at + value, whole - value);
        at += whole;
        if (field->name && field->value && g_bytes_get_size(field->name) > 0)
            g_ptr_array_add(all, field);
        else
            form_field_free(field);
    }
    g_free(text);
    return all;
}
