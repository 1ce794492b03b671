/* runtime/core/steps/contact.h - The person whom an interaction is to call, because of a call-back or of a record of
 * a calling list. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct core;
struct interaction;

struct contact {
    uint64_t id;
    int64_t due_us;                           /* when the person shall be called, by the wall clock; 0: at once */
    uint32_t attempts, zone, campaign, agent; /* the last three are names, 0: none */
    struct span number;                       /* number to call, borrowed from the core until the core changes */
};

/* Finds the person whom the interaction is to call. False: it calls nobody. */
bool contact_of(const struct core *, const struct interaction *, struct contact *);
/* Writes the id in decimal digits, without a terminating zero; returns how many. */
uint32_t contact_id_text(const struct contact *, char out[24]);
/* Appends what is known of the person under the names that strategies use (contact.x); nothing if the interaction
 * calls nobody. */
void contact_data(const struct core *, const struct interaction *, struct kv *);
