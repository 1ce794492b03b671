/* runtime/web/authorization.c - Reads the Authorization header and compares its secret.
 *
 *     Authorization: Bearer 4f2a...      scheme "Bearer", secret "4f2a..."
 *
 * The scheme is compared ignoring case (RFC 9110, 11.1). Secrets are compared in constant time, so that the time of
 * the answer does not show how many characters were right. */
#include "runtime/web/authorization.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

/* Returns the secret; NULL: another scheme, or nothing follows the scheme. */
const char *authorization_secret(const char *value, const char *scheme)
{
    size_t length = strlen(scheme);
    if (g_ascii_strncasecmp(value, scheme, length) != 0 || value[length] != ' ') return NULL;
    const char *secret = value + length + strspn(value + length, " ");
    return *secret ? secret : NULL;
}

bool authorization_same(const char *given, const char *secret)
{
    size_t length = strlen(secret);
    return strlen(given) == length && sodium_memcmp(given, secret, length) == 0;
}

bool authorization_is(const char *value, const char *scheme, const char *secret)
{
    const char *given = authorization_secret(value, scheme);
    return given && authorization_same(given, secret);
}
