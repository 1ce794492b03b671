/* runtime/adapters/email/good.c - Checks addresses and Message-IDs. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/email/mime_internal.h"
#include "runtime/vocabulary/denied.h"

char *email_address_good(const char *address)
{
    static_assert((int)MAIL_ADDRESS_MAX == (int)DENIED_MAIL_MAX, "who sends and who tests know the same addresses");
    if (!address || !denied_mail_good(span_of(address))) return NULL;
    const char *at = strrchr(address, '@');
    char *domain = g_ascii_strdown(at, -1), *local = g_strndup(address, (gsize)(at - address));
    if (*local == '"' && !strpbrk(local, " ,;:()[]@")) { /* "a.b"@example.org is a.b@example.org */
        g_free(local);
        local = g_strndup(address + 1, (gsize)(at - address) - 2);
    }
    char *good = g_strconcat(local, domain, NULL);
    g_free(local);
    g_free(domain);
    return good;
}

char *email_message_id_good(const char *id)
{
    size_t length = id ? strlen(id) : 0;
    if (length == 0 || length > MAIL_ID_MAX) return NULL;
    for (const guchar *c = (const guchar *)id; *c; c++)
        if (*c <= 0x20 || *c >= 0x7f || *c == '<' || *c == '>') return NULL;
    return g_strdup(id);
}
