/* runtime/sim/holding.h - Holds a play or a simulation to a site: tells a sentence where a step needs what the site
 * lacks.
 *
 * The module owns nothing. Without a site nothing is lacking. */
#pragma once

#include "runtime/sim/sim.h"
#include "runtime/vocabulary/message.h"

struct holding {
    const struct sim_site *site; /* NULL: none */
    const struct image *image;
    bool drawn; /* people's numbers are drawn at random: whether they may be dialled is not checked */
    void (*tell)(void *self, const char *text);
    void *self;
};

/* What an effect is about. */
struct holding_of {
    enum media medium;    /* media_none: it is not known */
    const char *place;    /* the number or queue to which the interaction came */
    bool record, session; /* it is a calling list's record; it is a conversation */
    const char *queue;    /* the queue at the place it is routed to; NULL: none */
};

/* The link by which the medium comes to this place; NULL: it may be one of several. */
const struct sim_link *holding_link(const struct sim_site *, enum media, const char *place);
/* The strategy that the routing point starts; NULL: there is none. And does any start that strategy? */
const char *holding_starts(const struct sim_site *, const char *dn);
bool holding_is_started(const struct sim_site *, const char *strategy);
const char *holding_place(const struct sim_site *, const char *strategy); /* its only routing point; NULL: none */
const char *holding_control_step(uint64_t op); /* the step that asks for it and is done at once; NULL: none */
/* Compares what the core asks for with what the site's adapters can do, and tells a problem where none can. code_ok, or
 * the code with which the adapter would refuse that route or that call. */
enum code holding_asks(const struct holding *, const struct holding_of *, const struct message *effect);
/* Whoever is promised a call-back is not called where no adapter may dial the number: that is said when it is promised.
 */
enum code holding_promises(const struct holding *, struct span number);
void holding_needs_queue(const struct holding *, const char *name); /* a queue that the directory has */
