/* runtime/sources/endpoint_state.h - The parts that endpoint.c (who is asked, and when) and request.c (one of them)
 * share. */
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

struct endpoint_request { /* a request of a program */
    struct endpoint_request *next;
    uint8_t hash[32];
    char *text;
    uint32_t length, arguments;
    bool body, reads;
};

struct endpoint_row {
    struct endpoint_row *next;
    struct endpoint_options options; /* its texts are copies of ours */
    struct curl_slist *headers;
    enum body_form answer;
    char *request_form; /* the template of the request's file; NULL: JSON is sent */
    struct breaker breaker;
    uint32_t running, waiting;
    bool half_open;   /* the circuit is open, and a probe was answered: the next request decides */
    bool in_vain;     /* the last request was sent and not served: a probe proves nothing against that */
    bool hoped;       /* an operator was told that a probe was answered, since the circuit opened */
    CURL *look;       /* the probe that runs: a HEAD */
    uint64_t look_us; /* when the next probe begins */
    char look_why[CURL_ERROR_SIZE];
    int64_t look_ends_s;         /* end of the certificate that was shown last; 0: none was */
    struct endpoint_shown shown; /* read and written under the lock */
    struct aways aways;          /* why it is away, as an operator was told */
    uint64_t since_us;
};

struct endpoint_job {
    struct endpoint_job *next;
    struct endpoint_row *endpoint;
    const struct endpoint_request *asked;
    uint64_t ixn, ref, conn, deadline_us;
    char key[2 * ENDPOINTS_JOURNAL + 64]; /* the Idempotency-Key, by which the server knows a repeated request */
    enum method method;
    struct span args,
        secret; /* both follow the struct; secret: names of the answer's fields that are shown nowhere (hidden.h) */
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
    bool reached; /* the server has answered something, and not that it cannot serve (502 to 504) */
    bool sent;    /* the server was asked */
};

/* Returns the reason in words; `error`: libcurl's text, which says what a certificate lacks. */
const char *request_reason(CURLcode, const char *error);
struct curl_slist *request_headers_read(const char *path,
                                        struct error *); /* NULL: no headers, or the error says why not */

/* Makes the job's transfer; false, with why in `end`. */
bool request_make(struct endpoint_job *, uint64_t now_us, struct ending *end);
/* Says how the request ended; `value` receives the answer's value. */
void request_end(struct endpoint_job *, CURLcode, uint64_t now_us, struct kv *value, struct ending *end);
void request_free(struct endpoint_job *);
