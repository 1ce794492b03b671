/* runtime/adapters/chat/identity.h - Tokens by which a site says who its visitor is: JSON web tokens (RFC 7519) that
 * the site signs, by a secret (HS256) or by its private key (RS256, ES256), of which this plugin has the public one.
 *
 * The key decides the algorithm; what the token says of it must be the same, so `none`, and a public key that is taken
 * for a secret, are refused. A token names its audience and its end, and holds once: the contact store notes its digest
 * (store_prove()).
 *
 * A site that makes no tokens gives the HMAC of its visitor's address instead: with the second at which it ends,
 * "1796030000.HMAC", which the HMAC covers, too; or without, which is always the same, so it holds as long as the
 * secret does, for whoever has seen it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

enum { IDENTITY_DIGEST = 65, IDENTITY_MAIL = 255, IDENTITY_NAME = 101, IDENTITY_TOKEN_MAX = 4096 };

struct identity_key;
/* Reads a key: a public one in PEM, RSA of 2048 bits or more, or the curve P-256; else a secret of 32 bytes or more,
 * with the white space around it left out. NULL with the reason. */
struct identity_key *identity_key_read(struct span bytes, struct error *);
void identity_key_free(struct identity_key *); /* NULL is allowed */

struct identity {
    char mail[IDENTITY_MAIL], name[IDENTITY_NAME]; /* name "": the token says none */
    char digest[IDENTITY_DIGEST];                  /* of the token's number `jti`, else of the token */
    int64_t until;                                 /* microseconds since 1970 UTC */
};
/* Checks a token for the audience at the time `now`, in microseconds since 1970 UTC. False with the reason. */
bool identity_read(const struct identity_key *, const char *audience, struct span token, int64_t now, struct identity *,
                   struct error *);

/* True: the text is an HMAC and no token: 64 hexadecimal digits, with or without an end and a dot before them. */
bool identity_is_hmac(struct span);
/* Checks the HMAC-SHA256 of the address by the secret, in hexadecimal digits. If the HMAC has an end, it is that of the
 * address, a blank and the end. The end is in seconds since 1970, and must not have come yet. The identity has no
 * name. The digest of an identity is accepted only once, but a page shows the same HMAC on each visit, so the digest is
 * random. False with the reason. */
bool identity_hmac(const struct identity_key *, const char *mail, struct span hex, int64_t now, struct identity *,
                   struct error *);
