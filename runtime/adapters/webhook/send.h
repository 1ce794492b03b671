/* runtime/adapters/webhook/send.h - A request to a network's API, made on a sender's thread. */
#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/webhook/network.h"

enum { WAIT_MOST_S = 3600 }; /* longer than this no network wants us to wait */

struct probe;

struct webhook_outgoing {
    char *customer; /* NULL: it asks whether there is something new */
    void *asker;    /* who waits for the answer: malloc'ed, or NULL */
    bool owned;     /* somebody else frees it, and not who has sent it */
    const char *method;
    char *url, *body;
    char *headers[HEADERS_MAX_COUNT];
    const char *ca;
    uint64_t timeout_s;
    const atomic_bool *stopping; /* true: it is given up */
    bool repeatable, form;
    unsigned tries;
    uint64_t since_us; /* when it was written */
    /* what came of it */
    long status;      /* 0: there was no answer */
    bool reached;     /* the network may have it */
    uint64_t after_s; /* so long it wants us to wait */
    GString *answer;
    char why[128];
};

/* A request of the network's file; NULL: a value that it needs is missing. `must`: of each header, too. */
struct webhook_outgoing *outgoing_new(const struct network *, const char *url, bool must, network_value *, void *self);
/* The body of a message, or of a template. */
void outgoing_write(struct webhook_outgoing *, const struct network_write *, bool template, network_value *,
                    void *self);
void send_outgoing(void *unused, void *outgoing);
/* The status and the network's own words, one line, with long numbers masked: they are customers'. */
enum { OUTGOING_WORDS = 240 };
void outgoing_words(const struct webhook_outgoing *, char *words, size_t size);
/* So many seconds it wants us to wait; 0: it does not say. */
uint64_t outgoing_asked_wait(const struct webhook_outgoing *, const struct network_write *);
/* The network is there, or it is not, as the answer says. */
void outgoing_tell(const struct webhook_outgoing *, struct probe *);
void outgoing_request_free(void *outgoing);
