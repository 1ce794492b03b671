/* runtime/adapters/webhook/verify.h - Checks that an HTTP request really comes from the network.
 *
 * A network either sends a secret in a header (`digest` none), or signs: the header has a prefix and the HMAC of a
 * text with placeholders (pick.h). The placeholders are {body}, {url} (the public address, as the network knows it),
 * {form} (the fields of a form, sorted, each name followed by its value), and names of headers. Nothing of a request
 * is used before it is verified. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum verify_digest { VERIFY_NONE, VERIFY_SHA1, VERIFY_SHA256 };

struct webhook_verify {
    enum verify_digest digest;
    bool base64;        /* the signature is base64; false: hexadecimal */
    bool keyed;         /* the key is the base64 text after "whsec_" */
    const char *header; /* name of the header with the signature, or with the secret */
    const char *prefix; /* text before each signature; a header may have several, with spaces between */
    const char *signs;  /* the text that is signed, with placeholders */
    const char *stamp;  /* name of the header with the time of signing, in seconds; NULL: none */
};

struct verify_request {
    struct span body;
    const char *url;
    const char *(*header)(void *self, const char *name); /* a header's value; NULL: there is none */
    void *self;
    int64_t now_s;
};

/* Seconds: a signature whose time differs more from our clock counts as a replay. */
enum { VERIFY_WINDOW_S = 300 };

/* Can the secret be used as a key? If not, each request would be refused. */
bool verify_secret_is_good(const struct webhook_verify *, const char *secret);
bool verify_is_own(const struct webhook_verify *, const char *secret, const struct verify_request *);
