/* runtime/adapters/webhook/verify.h - Is a request that arrives the network's own?
 *
 * A network either sends a secret in a header (`digest` none), or signs: the header holds a prefix and the HMAC of a
 * text with places (pick.h). The places are {body}, {url} (the address outside, as the network knows it), {form} (the
 * fields of a form, sorted, each name followed by its value), and names of headers. Nothing of a request is read before
 * it is verified. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum verify_digest { VERIFY_NONE, VERIFY_SHA1, VERIFY_SHA256 };

struct webhook_verify {
    enum verify_digest digest;
    bool base64;        /* else in hex */
    bool keyed;         /* the key is the base64 behind "whsec_" */
    const char *header; /* that has the signature, or the secret */
    const char *prefix; /* of each signature; a header may have several, with spaces between */
    const char *signs;  /* the text that is signed */
    const char *stamp;  /* the header with the second of the signature; NULL: none */
};

struct verify_request {
    struct span body;
    const char *url;
    const char *(*header)(void *self, const char *name); /* NULL: it has none */
    void *self;
    int64_t now_s;
};

/* Signatures older or newer than this are replays, in seconds. */
enum { VERIFY_WINDOW_S = 300 };

/* Can it be a key? Else each request would be refused. */
bool verify_secret_is_good(const struct webhook_verify *, const char *secret);
bool verify_is_own(const struct webhook_verify *, const char *secret, const struct verify_request *);
