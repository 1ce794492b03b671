/* runtime/sources/endpoint.h - The endpoints that strategies ask by http.NAME: one thread sends all their requests
 * by libcurl.
 *
 * The core's effect HttpRequest goes in, the event EventDone comes out: it has the value in the answer, or an error
 * whose text names the endpoint and the reason, but no argument. The codes, which are the step's exits: unavailable
 * (nothing was sent: no such endpoint, no connection, too many waiting, an argument that cannot be part of a path),
 * status (not 2xx; redirections are not followed), bad_body, too_large, outcome_unknown (sent, but the answer was
 * lost); outcome timeout if the given time has passed. Only http and https, with verified certificates, and never by
 * a proxy. A put or delete has an Idempotency-Key, made of the journal and the effect's id; a post has a connection
 * of its own, so that libcurl does not send it twice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "base/error.h"

enum { ENDPOINTS_JOURNAL = 16 };

struct endpoints;

struct endpoint_options {
    const char *name;
    /* scheme, host and perhaps a path, put before the path of a request; "": the request has the whole URL */
    const char *url;
    /* a file of mode 0600 with one header per line, by which the server identifies us; or "" */
    const char *header_file;
    const char *ca_file;     /* certificates to trust instead of the system's; or "" */
    const char *answer, *at; /* the form of answers (body.h), for XML also the path to the value; or "" */
    /* a file with a template of the body, with {name} for each argument; or "": the body is JSON */
    const char *request_file;
    const char *content_type; /* type of that body */
    uint64_t timeout_us;      /* the timeout of a request without one */
    uint64_t connect_us;
    uint32_t bytes_max;                /* the most bytes of an answer */
    uint32_t connections, waiting_max; /* the most requests in parallel; the most that may wait */
    /* the number of failures in a row after which requests are refused at once; 0: never */
    uint32_t failures;
    uint64_t retry_us, retry_max_us; /* the first and the longest pause before the endpoint is tried again */
};

struct endpoints_options {
    /* Gets the frame of EventDone without source and seq, which is valid during the call; called by any thread. */
    void (*done)(void *self, struct span frame);
    /* Reports something to an operator; may be NULL; called by any thread. */
    void (*note)(void *self, const char *endpoint, bool good, const char *text);
    void *self;
};

struct endpoints *endpoints_new(const struct endpoints_options *);
/* Sets the name of the journal in which the effects are numbered: with it an Idempotency-Key is the same after a
 * restart, and differs from those of other journals. */
void endpoints_journal(struct endpoints *, const uint8_t name[ENDPOINTS_JOURNAL]);
void endpoints_free(struct endpoints *); /* transfers that run are broken off without an answer */

/* The reason why libcurl cannot read the URL, whatever its scheme; NULL: it can. */
const char *endpoint_url_fault(const char *url);
/* Checks the options of an endpoint. The files that the options name are read, too. */
bool endpoint_check(const struct endpoint_options *, struct error *);
bool endpoints_add(struct endpoints *, const struct endpoint_options *,
                   struct error *); /* copies; before any request */
/* Adds a request of a loaded program, identified by its hash; vm/request.h describes the form of its text. `reads`:
 * does the program use the answer? From any thread. */
void endpoints_statement(struct endpoints *, const uint8_t hash[32], const char *text, uint32_t length,
                         uint32_t arguments, bool body, bool reads);

/* The state of an endpoint: found by its requests, and by a look of the thread twice a minute, which accepts an
 * answer of any kind. */
struct endpoint_shown {
    char name[64];
    bool away;         /* true: the server does not answer, or the circuit is open */
    char why[300];     /* why it is away */
    uint64_t for_us;   /* for how long it has been away; 0: it is not away */
    int64_t expires_s; /* end of the certificate that it has shown, in seconds since 1970; 0: none shown */
    bool open;         /* the circuit: requests are refused at once, or the next request decides */
    char url[256];     /* the configured URL; "": the requests have the whole URL */
    uint64_t requests, errors, waiting,
        opened; /* requests, errors among them, waiting requests; opened: how often the circuit has opened */
};
/* Writes the name by which strategies use the endpoint: http.NAME. No source can have such a name. */
void endpoint_label(const struct endpoint_shown *, char *label, size_t size);
/* false: `index` is past the last; any thread may call it */
bool endpoints_read(struct endpoints *, size_t index, struct endpoint_shown *);

/* Takes or cancels a request; any thread may call it. Exactly one `done` is called for each request that is not
 * cancelled. */
void endpoints_request(struct endpoints *, const struct message *);
void endpoints_cancel(struct endpoints *, uint64_t ixn, uint64_t ref);
