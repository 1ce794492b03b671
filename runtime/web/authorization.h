/* runtime/web/authorization.h - The one judge of the header `Authorization: SCHEME SECRET`, where the secret is a
 * bearer token or the base64 of a name and a password, and of any other secret that somebody says. */
#pragma once

#include <stdbool.h>

/* The secret in the header's value, borrowed from it. The scheme is compared without case (RFC 9110, 11.1). NULL: the
 * value has another scheme or no secret. */
const char *authorization_secret(const char *value, const char *scheme);
/* Are the two the same? Each wrong secret of the right length takes as long to compare. */
bool authorization_same(const char *given, const char *secret);
/* Has the header's value exactly this secret? False where `secret` is empty. */
bool authorization_is(const char *value, const char *scheme, const char *secret);
