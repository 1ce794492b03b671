/* runtime/web/authorization.h - Reads the header `Authorization: SCHEME SECRET`, where the secret is a bearer token
 * or the base64 of a name and a password, and compares any secret in constant time. */
#pragma once

#include <stdbool.h>

/* Returns the secret in the header's value, borrowed from it. The scheme is compared ignoring case (RFC 9110, 11.1).
 * NULL: the value has another scheme or no secret. */
const char *authorization_secret(const char *value, const char *scheme);
/* Are the two secrets the same? The time taken is the same for every wrong secret of the right length. */
bool authorization_same(const char *given, const char *secret);
/* Is the secret in the header's value the given one? False where `secret` is empty. */
bool authorization_is(const char *value, const char *scheme, const char *secret);
