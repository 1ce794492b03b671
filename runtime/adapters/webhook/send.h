/* runtime/adapters/webhook/send.h - A request to a network's API, made on a sender's thread. */
#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/webhook/network.h"

enum { WAIT_MOST_S = 3600 }; /* longest time that a network may want to be left alone */

struct probe;

struct webhook_outgoing {
    char *customer; /* the customer who gets the message; NULL: the request is a poll */
    void *asker;    /* the caller's struct that needs the answer, malloc'ed; NULL: none */
    bool owned;     /* `asker` is owned by another, and not freed with the request */
    const char *method;
    char *url, *body;
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
/* Writes the body of a message, or of a template, into the request. */
void outgoing_write(struct webhook_outgoing *, const struct network_write *, bool template, network_value *,
                    void *self);
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
