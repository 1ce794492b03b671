/* runtime/sources/endpoint_state.h - What endpoint.c (which request is sent, and when) and request.c (a single
 * request) share. */
#pragma once

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/sources/body.h"
#include "runtime/sources/breaker.h"
#include "runtime/sources/endpoint.h"
#include "runtime/vocabulary/kv.h"
#include "base/aways.h"

enum { CONTENT_TYPE_MAX = 200 };

struct endpoint_request { /* a request that a program has */
    struct endpoint_request *next;
    uint8_t hash[32];
    char *text;
    uint32_t length, arguments;
    bool body, reads;
};

struct endpoint_row {
    struct endpoint_row *next;
    struct endpoint_options options; /* copies, as their texts are, too */
    struct curl_slist *headers;
    enum body_form answer;
    char *request_form; /* the template of the request's body; NULL: the body is JSON */
    struct breaker breaker;
    uint32_t running, waiting;
    bool half_open; /* the circuit is open, but a probe was answered: the next request decides */
    /* the last request was sent, and the server could not serve it: an answered probe does not change that */
    bool in_vain;
    bool hoped;       /* since the circuit has opened, an operator was told that a probe was answered */
    CURL *look;       /* the probe that runs: a HEAD request */
    uint64_t look_us; /* when the next probe begins */
    char look_why[CURL_ERROR_SIZE];
    int64_t look_ends_s;         /* end of the certificate that was last shown; 0: none was */
    struct endpoint_shown shown; /* what status and metrics show; read and written under the lock */
    struct aways aways;          /* why the endpoint is away, as it was told to an operator */
    uint64_t since_us;
};

struct endpoint_job {
    struct endpoint_job *next;
    struct endpoint_row *endpoint;
    const struct endpoint_request *asked;
    uint64_t ixn, ref, conn, deadline_us;
    char key[2 * ENDPOINTS_JOURNAL + 64]; /* the Idempotency-Key, by which the server recognises a repeated request */
    enum method method;
    struct span args,
        /* args and secret are stored after the struct; secret: fields of the answer that must not be shown
         * (hidden.h) */
        secret;
    atomic_bool cancelled; /* set by another thread */
    bool overflow;
    CURL *curl; /* while it runs */
    struct curl_slist *headers;
    char *body, *answer;
    char error[CURL_ERROR_SIZE]; /* libcurl's words */
    size_t length, capacity;
};

struct ending {
    enum outcome outcome;
    enum code code;
    char text[256];
    /* the server has answered with a status other than 502 to 504, by which a server says that it cannot serve */
    bool reached;
    bool sent; /* the server was asked */
};

/* Returns the reason in words; `error`: libcurl's text, which also says what is wrong with a certificate. */
const char *request_reason(CURLcode, const char *error);
struct curl_slist *request_headers_read(const char *path,
                                        struct error *); /* NULL: no headers; or the error says why there are none */

/* Prepares the HTTP request of a job, without starting it; false, with the reason in `end`: it cannot be made. */
bool request_make(struct endpoint_job *, uint64_t now_us, struct ending *end);
/* Sets `end` to how the request has ended; `value` gets the value of the answer if its status is 2xx. */
void request_end(struct endpoint_job *, CURLcode, uint64_t now_us, struct kv *value, struct ending *end);
void request_free(struct endpoint_job *);
