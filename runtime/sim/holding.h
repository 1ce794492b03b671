/* runtime/sim/holding.h - Checks a play or a simulation against a site: reports a problem if a step needs something
 * that the site does not have.
 *
 * The module owns nothing. Without a site nothing is checked. */
#pragma once

#include "runtime/sim/sim.h"
#include "runtime/vocabulary/message.h"

struct holding {
    const struct sim_site *site; /* NULL: none */
    const struct image *image;
    bool drawn; /* people's numbers are random, so whether they may be dialled is not checked */
    void (*tell)(void *self, const char *text);
    void *self;
};

/* The interaction that an effect is about. */
struct holding_of {
    enum media medium;    /* media_none: unknown */
    const char *place;    /* the number or queue to which the interaction came */
    bool record, session; /* record: it comes from a calling list; session: it is a conversation */
    const char *queue;    /* the queue at the DN to which the interaction is routed; NULL: none */
};

/* Returns the link that brings the medium to the given place; NULL: several may, or none. */
const struct sim_link *holding_link(const struct sim_site *, enum media, const char *place);
/* Returns the strategy that the routing point starts; NULL: none. Is there a routing point that starts that
 * strategy? */
const char *holding_starts(const struct sim_site *, const char *dn);
bool holding_is_started(const struct sim_site *, const char *strategy);
/* the strategy's only routing point; NULL: none or several */
const char *holding_place(const struct sim_site *, const char *strategy);
const char *holding_control_step(uint64_t op); /* the step for this control operation if it ends at once; NULL: none */
/* Compares what the core asks for with what the site's adapters can do, and reports a problem if no adapter can do
 * it. Returns code_ok, or the code with which the adapter would refuse that route or call. */
enum code holding_asks(const struct holding *, const struct holding_of *, const struct message *effect);
/* Checks that some adapter may dial the number when a call-back is promised, as otherwise the person would never be
 * called. */
enum code holding_promises(const struct holding *, struct span number);
void holding_needs_queue(const struct holding *, const char *name); /* checks that the directory has the queue */
