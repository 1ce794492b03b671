/* runtime/sources/endpoint.h - The endpoints that strategies ask by http.NAME: one thread that asks them all by
 * libcurl.
 *
 * The core's effect HttpRequest goes in, the event EventDone comes out: its value is what the answer says, or an
 * error whose text names the endpoint and the reason, never an argument. Codes, which are the step's exits: unavailable
 * (nobody was asked: no such endpoint, no connection, too many waiting, an argument that cannot stand in a path),
 * status (not 2xx; redirections are not followed), bad_body, too_large, outcome_unknown (sent, and the answer lost);
 * outcome timeout where the time given has passed. Only http and https, certificates verified, no proxy but the one
 * configured: none. A put or delete has an Idempotency-Key, the journal and the effect's own id; a post has a
 * connection of its own, so that nothing below sends it twice. */
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
    const char *url;          /* scheme, host and perhaps a path, before the request's own; "": as the site says */
    const char *header_file;  /* a file of mode 0600 with one header per line, by which the server knows us; or "" */
    const char *ca_file;      /* certificates to trust instead of the system's; or "" */
    const char *answer, *at;  /* the form of an answer (body.h), of XML also the path to what is read; or "" */
    const char *request_file; /* a template of the body, with {name} for each argument; or "": JSON is sent */
    const char *content_type; /* type of that body */
    uint64_t timeout_us;      /* timeout of a request that names none */
    uint64_t connect_us;
    uint32_t bytes_max;                /* most bytes of an answer */
    uint32_t connections, waiting_max; /* most requests at once; most that wait for their turn */
    uint32_t failures;                 /* after so many failures in a row requests are refused at once; 0: never */
    uint64_t retry_us, retry_max_us;   /* first and longest pause before one is tried again */
};

struct endpoints_options {
    /* Gets the EventDone frame without source and seq, valid during the call, from any thread. */
    void (*done)(void *self, struct span frame);
    /* Tells an operator; NULL, or called from any thread. */
    void (*note)(void *self, const char *endpoint, bool good, const char *text);
    void *self;
};

struct endpoints *endpoints_new(const struct endpoints_options *);
/* The name of the journal that numbers the effects: a key is the same after a restart, and no other
 * journal's. */
void endpoints_journal(struct endpoints *, const uint8_t name[ENDPOINTS_JOURNAL]);
void endpoints_free(struct endpoints *); /* requests under way are broken off without an answer */

/* Says why libcurl cannot read the URL, whatever its scheme; NULL: it can. */
const char *endpoint_url_fault(const char *url);
/* Are these the options of an endpoint? Reads the files that they name. */
bool endpoint_check(const struct endpoint_options *, struct error *);
bool endpoints_add(struct endpoints *, const struct endpoint_options *,
                   struct error *); /* copies; before any request */
/* Adds a request of a loaded program, known by its hash; vm/request.h tells the form of its text. `reads`: is the
 * answer looked at? From any thread. */
void endpoints_statement(struct endpoints *, const uint8_t hash[32], const char *text, uint32_t length,
                         uint32_t arguments, bool body, bool reads);

/* How an endpoint is: by what its requests found, and by a look of the thread's own twice a minute, which asks
 * it for an answer of any kind. */
struct endpoint_shown {
    char name[64];
    bool away;         /* true: the server does not answer, or requests are refused at once */
    char why[300];     /* why it is away */
    uint64_t for_us;   /* for how long it has been away; 0: it is not */
    int64_t expires_s; /* when the certificate that it has shown ends, since 1970; 0: it has shown none */
    bool open;         /* the circuit: requests are refused at once, or the next one decides */
    char url[256];     /* the configured URL; "": the strategies' requests have the whole URL */
    uint64_t requests, errors, waiting,
        opened; /* how many requests, errors among them, waiting now; opened: how often the circuit has opened */
};
/* Writes the name by which strategies ask it: http.NAME. No source has such a name. */
void endpoint_label(const struct endpoint_shown *, char *label, size_t size);
bool endpoints_read(struct endpoints *, size_t index, struct endpoint_shown *); /* false past the last; any thread */

/* Takes a request or cancels one, from any thread. Exactly one `done` comes for every request that is not cancelled. */
void endpoints_request(struct endpoints *, const struct message *);
void endpoints_cancel(struct endpoints *, uint64_t ixn, uint64_t ref);
