/* runtime/adapters/desk/recipients.c - Reads to whom an e-mail shall go, as people write it and as mail programs copy
 * it: an address, or a name and the address in angle brackets. The name goes into the mail's headers. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/denied.h"
#include "base/utf8.h"

enum {
    RECIPIENTS_MAX = 500 /* addresses of To, Cc and Bcc together */,
    RECIPIENT_NAME_MAX = 200,
    RECIPIENT_TOLD_MAX = 80
};

static const char *const recipient_lists[] = {"to", "cc", "bcc"};

/* Returns the name without its quotes and control characters, no longer than a header takes. Freed by g_free(). */
static char *recipient_name(const char *written, size_t length)
{
    GString *name = g_string_sized_new(length);
    for (size_t i = 0; i < length; i++) {
        char byte = written[i];
        if (byte == '\\' && i + 1 < length)
            byte = written[++i];
        else if (byte == '"')
            continue;
        g_string_append_c(name, (unsigned char)byte < ' ' || byte == 0x7f ? ' ' : byte);
    }
    g_string_truncate(name, utf8_cut(name->str, name->len, RECIPIENT_NAME_MAX));
    return g_strstrip(g_string_free(name, FALSE));
}

/* Returns the address; `name` gets the name before it, or an empty text. NULL: it is none. Both are freed by g_free().
 */
static char *recipient_read(const char *written, char **name)
{
    char *text = g_strstrip(g_strdup(written));
    char *open = g_str_has_suffix(text, ">") ? strrchr(text, '<') : NULL;
    char *address = open ? g_strstrip(g_strndup(open + 1, strlen(open) - 2)) : g_strdup(text);
    *name = open ? recipient_name(text, (size_t)(open - text)) : g_strdup("");
    g_free(text);
    if (denied_mail_good(span_of(address))) return address;
    g_free(address), g_free(*name);
    return NULL;
}

static bool recipient_is_there(const json_t *list, const char *address)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (g_ascii_strcasecmp(json_string_value(json_array_get(list, i)), address) == 0) return true;
    return false;
}

/* Appends the addresses of a list of the message to `to`, and to `fresh`, each once. False, with `wrong` set: one is
 * no address. */
static bool recipients_add(const json_t *message, const char *list, json_t *read, json_t *fresh, char *wrong,
                           size_t size)
{
    const json_t *all = json_object_get(message, list);
    json_t *to = json_object_get(read, "to"), *names = json_object_get(read, "names");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *written = json_string_value(json_array_get(all, i));
        char *name, *address = recipient_read(written, &name);
        if (!address) {
            snprintf(wrong, size, "%s: `%.*s` is not an address such as anna@example.org or Anna <anna@example.org>",
                     list, (int)utf8_cut(written, strlen(written), RECIPIENT_TOLD_MAX), written);
            return false;
        }
        if (!recipient_is_there(to, address)) {
            json_array_append_new(to, json_string(address));
            if (fresh) json_array_append_new(fresh, json_string(address));
            if (*name) json_object_set_new(names, address, json_string(name));
        }
        g_free(address), g_free(name);
    }
    return true;
}

json_t *recipients_read(const json_t *message, char *wrong, size_t size)
{
    json_t *read = json_pack("{s:[], s:[], s:[], s:{}}", "to", "cc", "bcc", "names");
    size_t count = 0;
    *wrong = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(recipient_lists); i++)
        count += json_array_size(json_object_get(message, recipient_lists[i]));
    if (json_array_size(json_object_get(message, "to")) == 0)
        snprintf(wrong, size, "to: an address, such as anna@example.org");
    else if (count > RECIPIENTS_MAX)
        snprintf(wrong, size, "to: 500 addresses of `to`, `cc` and `bcc` together at most");
    for (size_t i = 0; i < G_N_ELEMENTS(recipient_lists) && !*wrong; i++)
        recipients_add(message, recipient_lists[i], read, i > 0 ? json_object_get(read, recipient_lists[i]) : NULL,
                       wrong, size);
    if (!*wrong) return read;
    json_decref(read);
    return NULL;
}
