/* runtime/adapters/webhook/send.h - A request to a network's API, made on a sender's thread. */
#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/webhook/network.h"

enum { WAIT_MOST_S = 3600 }; /* longest time that a network may want to be left alone */

struct probe;

/* A file that is sent before the body, or instead of it. */
struct outgoing_file {
    char *url, *field, *name, *type;
    GPtrArray *fields; /* of char *: name and value of each further field, in turn */
    GByteArray *bytes;
    const char *found; /* pointer to the file's name in the answer, by which the body has it; NULL: there is no body */
};

struct webhook_outgoing {
    char *customer; /* the customer who gets the message; NULL: the request is a poll */
    void *asker;    /* the caller's struct that needs the answer, malloc'ed; NULL: none */
    bool owned;     /* `asker` is owned by another, and not freed with the request */
    const char *method;
    char *url, *body;
    struct outgoing_file *file; /* NULL: none */
    char *headers[HEADERS_MAX_COUNT];
    const char *ca;
    uint64_t timeout_s;
    const atomic_bool *stopping; /* true: the request is given up, as the process ends */
    bool repeatable, form;
    unsigned tries;
    uint64_t since_us; /* when the message was written */
    /* what came of it */
    long status;      /* HTTP status; 0: no answer came */
    bool reached;     /* the network may have received the request */
    uint64_t after_s; /* seconds that the network wants to be left alone; 0: not given */
    GString *answer;
    char why[128];
};

/* Makes a request as the network's data file describes it; NULL: a value that it needs is missing. `must`: the
 * values of all headers are needed too. */
struct webhook_outgoing *outgoing_new(const struct network *, const char *url, bool must, network_value *, void *self);
/* Writes a body into the request: `body`, `template` or `marks` of the network. */
void outgoing_write(struct webhook_outgoing *, const struct network_write *, const json_t *body, network_value *,
                    void *self);
/* In place of a body: writes the file, and the message about it. `bytes` are taken over. False: a value is missing. */
bool outgoing_write_file(struct webhook_outgoing *, const struct network_file *, GByteArray *bytes, network_value *,
                         void *self);
/* The value of {uploaded} while the body is written: the sender's thread puts what the network says in its place. */
#define OUTGOING_UPLOADED "{uploaded}"
void send_outgoing(void *unused, void *outgoing);
/* Writes the status and the network's own words as one line, for the log; long numbers, which may be customers', are
 * masked. */
enum { OUTGOING_WORDS = 240 };
void outgoing_words(const struct webhook_outgoing *, char *words, size_t size);
/* Returns the seconds that the network wants to be left alone. 0: the answer does not say. */
uint64_t outgoing_asked_wait(const struct webhook_outgoing *, const struct network_write *);
/* Tells the probe whether the answer shows that the API is up. */
void outgoing_tell(const struct webhook_outgoing *, struct probe *);
void outgoing_request_free(void *outgoing);
