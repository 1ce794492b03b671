/* runtime/core/steps/contact.h - The person who is to be called: of a call-back, or of a record of a calling list. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct core;
struct interaction;

struct contact {
    uint64_t id;
    int64_t due_us;                           /* 0: at once */
    uint32_t attempts, zone, campaign, agent; /* the last three: names, 0: none */
    struct span number;                       /* the core's, until it changes */
};

/* Finds the person whom the interaction is to call. False: it calls nobody. */
bool contact_of(const struct core *, const struct interaction *, struct contact *);
/* The id in decimal digits, without an end; returns how many. */
uint32_t contact_id_text(const struct contact *, char out[24]);
/* Appends what strategies know as contact.x, under those names; nothing where the interaction calls nobody. */
void contact_data(const struct core *, const struct interaction *, struct kv *);
